"""Checks of a built device by its file, not its design: what Max or Live would drop or show wrongly."""

"""Controllers and control changes."""

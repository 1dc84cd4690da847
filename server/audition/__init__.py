"""Plays a note of the current patch, in the server itself."""

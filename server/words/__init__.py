"""A sentence about a sound becomes turns of macros, or a preset."""

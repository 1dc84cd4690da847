"""Trials of microphones and sound files, in the same language with words of their own; see `stage.py`."""

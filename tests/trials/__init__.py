"""The trial bench: situations that players met, as a few lines each; see `language.py`."""

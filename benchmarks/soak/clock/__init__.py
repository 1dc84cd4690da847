"""A wall clock that can be stepped, for all processes of a server: this folder is put on their path."""

"""The instruments of a server: one on each track, and which of them has the focus."""

"""Sketches: hearing, the microphone, and the way of a sound through the running server."""

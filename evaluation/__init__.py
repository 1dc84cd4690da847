"""Measuring what was learned, showing it, and packaging it for the server."""

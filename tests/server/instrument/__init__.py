"""The instrument: its point, presets, map and paths."""

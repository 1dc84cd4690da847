"""Tests of adopting people's own presets."""

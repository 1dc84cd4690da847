"""Vital, its spaces, base patch, wavetable and presets."""

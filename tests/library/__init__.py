"""Tests of the folder of presets."""

"""Tests of what keeps files: locks, numbers, the bin."""

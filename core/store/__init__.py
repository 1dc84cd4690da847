"""Keeping what players made: locks, names of files that never collide, a bin, and damaged files set aside."""

"""Whole commands of evaluate.py, on models small enough to be made on the spot."""

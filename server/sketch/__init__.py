"""Sketches: what was sung becomes a patch, in processes beside the loop."""

"""Real renders for a sketch: processes that render patches and measure how far each is from a sound."""

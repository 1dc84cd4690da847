"""A player's own presets as answers to a sketch: which are near, and the search in their controls."""

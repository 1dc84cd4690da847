"""Presets of a player's own: found in folders, adopted by a double of the process, played and kept."""

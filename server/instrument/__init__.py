"""What a player plays: one point of a loaded model, its presets, their map and paths between sounds."""

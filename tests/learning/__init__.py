"""Learning: losses, loop, checkpoints, settings, answers and the folder that comes out."""

"""The devices' own decoder: scripts that turn a point into a patch, and the weights that they read."""

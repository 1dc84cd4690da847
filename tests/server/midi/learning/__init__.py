"""Learning by touch."""

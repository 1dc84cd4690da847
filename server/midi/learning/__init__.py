"""Learning by touch: which control a player means, and how it sends."""

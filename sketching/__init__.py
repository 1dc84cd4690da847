"""From a heard sound to patches: what it is, what answers it, and better answers."""

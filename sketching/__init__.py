"""From a heard sound to patches: hearing it, answering it at once, and refining the answers; no server."""

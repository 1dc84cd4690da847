"""What a control moves: takeover, curves, and what clients are told of it."""

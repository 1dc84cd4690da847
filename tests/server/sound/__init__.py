"""The built-in instrument: who plays it."""

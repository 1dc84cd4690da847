"""The built-in instrument: who plays it, and the process in which it sounds."""

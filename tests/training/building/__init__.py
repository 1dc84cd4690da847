"""Building a model from nothing with one command, on a handful of real renders."""

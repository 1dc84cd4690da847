"""One command from nothing to a model folder: renders, training and package, within a budget of minutes."""

"""Training: settings, phases, the loop, checkpoints; datasets in `data/`."""

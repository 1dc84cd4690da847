"""Facts of one machine: measured, set up, and taken back."""

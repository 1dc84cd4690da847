"""The parts of Flow Synth: macros, the path to the synth, map and curves, and the pages of the strip."""

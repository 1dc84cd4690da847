"""The parts of Flow Synth: macros, the way to the synth, map and curves, and a page each of the strip."""

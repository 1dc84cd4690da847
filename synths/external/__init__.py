"""A synth outside: patches go out as control changes, its sound comes back by an audio input."""

"""Real and imitated MIDI ports."""

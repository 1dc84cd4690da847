"""MIDI messages and what they say of controls."""

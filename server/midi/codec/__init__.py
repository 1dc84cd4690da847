"""MIDI messages to control events, and back: the only folder that knows how MIDI spells a control."""

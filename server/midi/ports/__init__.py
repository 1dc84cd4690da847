"""MIDI ports of the system, each in a thread of its own, so that the loop never waits for one."""

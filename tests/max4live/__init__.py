"""Tests of the devices: their files, their look, and what their wires do with real messages."""

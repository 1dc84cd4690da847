"""The command that adopts presets, over the hall of adopting."""

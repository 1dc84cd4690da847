"""Pictures of the strips, drawn from the built devices; scripts paint their own parts."""

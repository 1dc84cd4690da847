"""Pictures of the strips, drawn from the built devices; the scripts paint their own part."""

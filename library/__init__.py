"""People's own presets: found in folders, heard once, remembered by content, placed and compared by sound."""

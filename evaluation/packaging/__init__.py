"""Model folders: what the server plays, with its macros, presets and card."""

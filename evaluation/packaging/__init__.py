"""Making model folders: macros, presets, the data of sketching, and the card."""

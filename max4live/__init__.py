"""Max for Live devices: their designs, the builder that writes them, and the built `.amxd` files."""

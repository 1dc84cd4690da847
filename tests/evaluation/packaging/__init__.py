"""Model folders and what goes into them."""

"""Networks and their parts, macros, and the folders that trained models are kept in."""

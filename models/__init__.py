"""Networks and their parts, and the folders that trained ones are kept in."""

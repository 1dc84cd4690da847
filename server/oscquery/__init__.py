"""OSCQuery: other programs find the server on the network, and what it understands, by name and range."""

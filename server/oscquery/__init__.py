"""OSCQuery: other programs find the server on the network, and read which messages it takes."""

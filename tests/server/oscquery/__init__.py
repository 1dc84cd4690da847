"""The page that tells other programs of the server, and faders that speak OSC."""

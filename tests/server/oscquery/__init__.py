"""The page on which other programs read which messages the server takes."""

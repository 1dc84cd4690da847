"""What all pages share: the server's state, and what players did here."""

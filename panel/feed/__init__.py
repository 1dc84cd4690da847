"""How pages learn what has changed: at a steady pace, and none faster than it can draw."""

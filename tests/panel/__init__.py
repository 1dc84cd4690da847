"""The browser panel: who is let in, what it remembers, and its page in a real browser."""

"""What a browser asks for: who is let in, the page, and what it fetches."""

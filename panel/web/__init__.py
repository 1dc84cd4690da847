"""What a browser requests: who is let in, the page, and the sounds and files that it fetches."""

"""The live side: one engine, and a thin transport for each way in or out."""

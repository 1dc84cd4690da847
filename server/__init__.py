"""The live side: an instrument, and a thin transport for each way in or out."""

"""Parameter spaces, mels, loudness, descriptors and errors, each held against a reference."""

"""The sounding instrument: pieces, voices, mixer, processes."""

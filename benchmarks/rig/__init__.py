"""What benchmarks use: a server process, JACK without hardware, a MIDI controller, a browser."""

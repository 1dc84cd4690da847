"""What benchmarks use: a server process, devices, JACK without hardware, a MIDI controller, a browser."""

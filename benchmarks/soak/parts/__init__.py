"""What a server is asked for besides what devices do: MIDI, sketches, a page in a browser, OSCQuery."""

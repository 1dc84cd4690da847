"""The panel's end of the OSC connection: what it sends to the server, and what it knows from it."""

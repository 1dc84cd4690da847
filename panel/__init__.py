"""The browser panel: one more OSC client, in a process of its own, that a browser draws and plays."""

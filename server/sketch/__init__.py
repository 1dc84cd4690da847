"""Sketches in the server: from a microphone or a file to `sketching`, in processes beside the loop."""

"""What is heard in the browser: notes, presets, and the sound of the sketch."""

"""What is played: a note, and the gestures it moves by."""

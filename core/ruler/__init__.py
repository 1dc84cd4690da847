"""How far an answer is from the sound that it answers: every figure of the tables."""

"""Finding out by ear what the controls of a plug-in do."""

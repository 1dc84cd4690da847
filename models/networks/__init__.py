"""The networks that answer sounds: encoder, what draws more answers, and proxy."""

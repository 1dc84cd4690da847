"""The page about a model."""

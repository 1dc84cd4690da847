"""Somebody's own preset becomes a model folder: its point, and macros that were heard on it."""

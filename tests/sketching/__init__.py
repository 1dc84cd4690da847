"""Tests of sketching: the bank, closeness, workers that render, answers."""

"""Tests of sentences about sounds."""

"""The controllers' files."""

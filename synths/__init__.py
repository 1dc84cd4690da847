"""Engines that play a patch, and the parameter spaces they are played through."""

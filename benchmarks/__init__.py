"""Benchmarks, each compared with a floor or a rival measured in the same run."""

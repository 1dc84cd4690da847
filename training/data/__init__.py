"""Datasets: patches drawn, rendered or recorded, and how they are divided."""

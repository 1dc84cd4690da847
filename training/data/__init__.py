"""Datasets: drawing, rendering and recording patches, and splitting them."""

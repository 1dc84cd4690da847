"""How pages are told what has changed: at a pace, and each as fast as it can draw."""

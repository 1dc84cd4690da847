"""Where programs listen, on this machine or another, and what may be sent there."""

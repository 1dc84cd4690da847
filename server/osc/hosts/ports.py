"""Where programs listen, and which ports are answered."""

__all__ = ["LOWEST_PORT", "Endpoint"]

Endpoint = tuple[str, int]  # host and UDP port

LOWEST_PORT = 1024  # services of a system listen below, and send nothing to us

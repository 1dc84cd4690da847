"""From notes and patches to sound that follows the knobs, without a server."""

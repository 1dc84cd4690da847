"""OSC: the table, the guard, bytes and clients."""

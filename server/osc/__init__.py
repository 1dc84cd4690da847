"""OSC in and out: the table of messages, the guard, bytes, clients, and what is to be sent."""

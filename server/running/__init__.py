"""How the server runs: its priority, work beside the loop, the panel as a process, and its end."""

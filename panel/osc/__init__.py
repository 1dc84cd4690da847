"""The panel as an OSC client: its connection to the server, and what the server's messages say."""

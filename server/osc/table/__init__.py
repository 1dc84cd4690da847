"""The rows of the table of OSC messages; `server.osc.addresses` puts them together."""

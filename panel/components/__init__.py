"""The panel's own widgets, each with the script that draws it."""

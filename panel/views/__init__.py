"""The panel's five views, each built once for each page."""

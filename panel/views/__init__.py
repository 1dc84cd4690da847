"""The five views of the page, each built once for each browser, and what they share."""

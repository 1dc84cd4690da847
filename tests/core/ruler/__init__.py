"""Every figure of the tables, held against cases worked out by hand and against a reference."""

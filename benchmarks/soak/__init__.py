"""A soak: everything at once, faults thrown in by seed, and what the server did held against what it said."""

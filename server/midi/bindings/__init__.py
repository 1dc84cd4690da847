"""What each control moves and how: bindings, soft takeover, and learning them by touch."""

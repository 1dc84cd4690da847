"""What was measured as pages: figures, medians, verdicts on the claims of the paper, its own layout."""

"""The nine models of the paper."""

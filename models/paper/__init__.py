"""The nine models of the paper and their parts."""

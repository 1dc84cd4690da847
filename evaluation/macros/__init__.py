"""The ruler of macros: what real renders sound like along each dial."""

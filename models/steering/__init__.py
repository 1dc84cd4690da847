"""The plain arithmetic of patches: free values, the level, points, and the chart of macros."""

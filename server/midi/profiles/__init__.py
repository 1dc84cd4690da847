"""The YAML file of each controller: mistakes are reported by line, and comments are kept."""

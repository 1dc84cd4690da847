"""The YAML file of each controller: read with its mistakes told by line, written with its comments kept."""

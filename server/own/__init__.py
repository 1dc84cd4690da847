"""People's own presets: where they lie, which are adopted already, and the process that adopts one."""

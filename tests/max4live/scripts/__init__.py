"""The devices' scripts: grammar, types, and behaviour against a Max that behaves as badly as the real one."""

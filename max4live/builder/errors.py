"""The builder's errors: a design that Max would misread, a file that cannot be read."""

__all__ = ["DesignError", "EncryptedError"]


class DesignError(Exception):
    """A device design is wrong. Max would ignore that silently, so the build stops instead."""


class EncryptedError(DesignError):
    """A device is encrypted: Max can play it, and nobody else can read it."""

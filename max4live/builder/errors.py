"""The one error of the builder: a design that Max would misread."""

__all__ = ["DesignError"]


class DesignError(Exception):
    """A device design is wrong. Max would ignore that silently, so the build stops instead."""

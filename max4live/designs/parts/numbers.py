"""Numbers written out, as `route` takes them."""

__all__ = ["counted"]


def counted(n: int) -> str:
    """Return `0 1 2 ...`, n numbers.

    >>> counted(3)
    '0 1 2'
    """
    return " ".join(str(k) for k in range(n))

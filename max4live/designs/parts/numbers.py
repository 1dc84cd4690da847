"""Numbers written out, as `route` and `unpack` want them."""

__all__ = ["counted"]


def counted(n: int) -> str:
    """Give `0 1 2 ...`, n of them.

    >>> counted(3)
    '0 1 2'
    """
    return " ".join(str(k) for k in range(n))

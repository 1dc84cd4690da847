"""Which renders are learned from, which stop the training, and which are kept for the report."""

from collections.abc import Sequence

__all__ = ["split_shards"]


def split_shards(shards: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """Split shard numbers into training, validation and test; of every 40, one and one.

    A shard keeps its side when a dataset grows, so nothing held out is ever learned from later.

    >>> split_shards(range(40))[1:]
    ([38], [39])
    """
    train = [s for s in shards if s % 40 < 38]
    return train, [s for s in shards if s % 40 == 38], [s for s in shards if s % 40 == 39]

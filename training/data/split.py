"""Which shards are for training, for validation and for the test."""

from collections.abc import Sequence

__all__ = ["LEAST_SHARDS", "split_shards"]

LEAST_SHARDS = 40  # of fewer none would be held out


def split_shards(shards: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """Split shard numbers into training, validation and test; of every 40 shards, the last two are held out.

    A shard keeps its side when a dataset grows, so nothing held out is ever trained on later.

    >>> split_shards(range(40))[1:]
    ([38], [39])
    """
    train = [s for s in shards if s % 40 < 38]
    return train, [s for s in shards if s % 40 == 38], [s for s in shards if s % 40 == 39]

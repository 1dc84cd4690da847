"""How `--minutes` is divided among the stages, and when a stage that renders has enough."""

from collections.abc import Collection, Mapping, Sequence

from training.data.split import LEAST_SHARDS

__all__ = ["LEAST_OF", "SHARES", "allotted_seconds", "enough_shards"]

# Stages in their order, and the share of the minutes that each has.
SHARES = {"renders": 0.40, "between": 0.04, "proxy": 0.20, "flow": 0.28, "package": 0.08}
# Shards that a stage renders, whatever the budget.
LEAST_OF = {"renders": LEAST_SHARDS, "between": 1}


def allotted_seconds(
    minutes: float, stages: Sequence[str], spent: Mapping[str, float], finished: Collection[str]
) -> dict[str, float]:
    """Return the seconds that each unfinished stage may take, over all calls together.

    What finished stages have left, or taken too much, goes to the others in proportion to their shares.

    Args:
        minutes: Budget of all stages.
        stages: The stages of the build; the share of one that is not among them goes to the others.
        spent: Seconds that each stage has taken so far.
        finished: Stages that take no more.
    """
    left_s = max(0.0, 60.0 * minutes - sum(spent.get(stage, 0.0) for stage in finished))
    others = [stage for stage in stages if stage not in finished]
    total = sum(SHARES[stage] for stage in others)
    return {stage: left_s * SHARES[stage] / total for stage in others}


def enough_shards(begun: int, there: int, least: int, workers: int, elapsed_s: float, left_s: float) -> bool:
    """Whether no more shards are to be begun, since the last ones would end after the time is over.

    Args:
        begun: Shards that are there or begun.
        there: Shards that were there when the stage started.
        least: Shards that are rendered, whatever time they take.
        workers: Shards that are rendered at a time.
        elapsed_s: Seconds since the stage started.
        left_s: Seconds that it had then.
    """
    if begun < least:
        return False
    ended = begun - there - (workers - 1)
    # Half a shard too many is as far from the budget as half a shard too few.
    half_shard_s = 0.5 * elapsed_s * workers / ended if ended > 0 else 0.0
    return elapsed_s + half_shard_s >= left_s

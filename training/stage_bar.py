"""One bar for work in stages, such as a whole build, with the time left."""

import time
from collections.abc import Callable, Mapping

from tqdm import tqdm

__all__ = ["StageBar"]

_EVERY_S = 0.2
_TELLING = 0.02  # share of a stage after which its own speed tells more than the plan


class StageBar:
    """Hears of the progress of every stage; see `training.data.progress.progress_to`.

    Args:
        planned: Seconds that each stage is expected to take, in order.
        interrupted: Whether Ctrl-C was pressed.
    """

    def __init__(self, planned: Mapping[str, float], interrupted: Callable[[], bool]) -> None:
        self._planned, self._interrupted = dict(planned), interrupted
        self._stage, self._began_s, self._began_at = "", 0.0, 0.0
        self._expected_steps: int | None = None
        self._steps, self._share, self._shown_s = 0, 0.0, 0.0
        self._bar = tqdm(
            total=max(sum(self._planned.values()), 1e-6),
            bar_format="{desc} {percentage:3.0f}%|{bar}|",
        )

    def begin(self, stage: str, planned_s: float, *, expected_steps: int | None = None) -> None:
        """Begin a stage.

        Args:
            stage: Its name.
            planned_s: Seconds that it is expected to take.
            expected_steps: Steps of a stage that is many pieces of work, each with a share of its own.
        """
        self._stage, self._planned[stage] = stage, planned_s
        self._expected_steps, self._steps, self._share = expected_steps, 0, 0.0
        self._began_s, self._began_at = time.monotonic(), -1.0  # it has not been heard of yet
        self._show()

    def end(self) -> None:
        """Count the stage in hand as done."""
        self._share = 1.0
        self._show()

    def __call__(self, share: float, steps: int) -> None:
        """Hear of progress; see `ProgressListener`."""
        if self._interrupted():
            raise KeyboardInterrupt
        self._steps += steps
        if self._expected_steps is not None:
            share = min(self._steps / self._expected_steps, 0.99)
        if self._began_at < 0.0:  # what was done in an earlier call, and how long it took to start
            self._began_s, self._began_at = time.monotonic(), share
        self._share = max(self._share, min(share, 1.0))
        if time.monotonic() - self._shown_s >= _EVERY_S:
            self._show()

    def left_s(self) -> float:
        """Return the seconds that are left for everything."""
        names = list(self._planned)
        later = names[names.index(self._stage) + 1 :]
        planned_s, done = self._planned[self._stage], self._share - max(self._began_at, 0.0)
        own_s = planned_s * (1.0 - self._share)
        if done > _TELLING:
            own_s = (time.monotonic() - self._began_s) / done * (1.0 - self._share)
        return own_s + sum(self._planned[name] for name in later)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()

    def _show(self) -> None:
        names = list(self._planned)
        before = names[: names.index(self._stage)]
        self._shown_s = time.monotonic()
        self._bar.total = max(sum(self._planned.values()), 1e-6)
        self._bar.n = sum(self._planned[name] for name in before) + self._planned[self._stage] * self._share
        left = tqdm.format_interval(round(self.left_s()))
        self._bar.set_description_str(f"{self._stage:<8} {left:>8} left")

"""How far a phase of training has come, and when it is done."""

import math
from dataclasses import dataclass

from training.settings import PhaseSettings

__all__ = ["PhaseProgress"]

_TURNS_BEFORE_HALVING = 2  # at least: with a short budget, one unlucky turn is a large part of the run


@dataclass
class PhaseProgress:
    """How far a phase has come; saved with it. An epoch here is one turn of the loop."""

    epoch: int = 0
    rows: int = 0  # of the turn that was interrupted
    seconds: float = 0.0
    validation_s: float = 0.0  # of the last validation: a budget has to leave room for the next
    best: float = math.inf
    best_epoch: int = 0
    done: bool = False
    rate: float = 1.0  # of the highest; only where the rate is halved
    steady_since: float = 0.0  # share of the run done when the loss last improved or the rate was last halved

    def part_done(self, settings: PhaseSettings, turns: int, seconds: float = 0.0) -> float:
        """Return the share of the run that is done, by passes or by minutes, whichever is further.

        Args:
            settings: Settings of the phase.
            turns: Number of turns in a pass through the training data.
            seconds: Spent in a turn that is not counted yet.
        """
        done = self.epoch / (turns * settings.epochs)
        if settings.minutes is not None:
            done = max(done, (self.seconds + seconds) / max(60.0 * settings.minutes, 1e-6))
        return done

    def note(self, loss: float, seconds: float, settings: PhaseSettings, turns: int) -> bool:
        """Record the result of a turn, and return whether it was the best so far."""
        self.epoch += 1
        self.rows = 0
        self.seconds += seconds
        done = self.part_done(settings, turns)
        better = loss < self.best or self.best_epoch == 0  # the first always counts, so that there is one
        if better:
            self.best = loss if math.isfinite(loss) else math.inf
            self.best_epoch, self.steady_since = self.epoch, done
        waited = self.epoch - self.best_epoch
        if settings.halve_after is not None and waited >= _TURNS_BEFORE_HALVING:
            # The margin is for rounding: the 20th of 500 epochs has to count as 0.04.
            if done - self.steady_since >= settings.halve_after - 1e-9:
                self.rate, self.steady_since = self.rate / 2.0, done
        self.done = (
            self.part_done(settings, turns, self.validation_s) >= 1.0 or waited >= turns * settings.patience
        )
        return better

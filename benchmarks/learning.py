"""What learning by touch makes of drawn gestures, as a table: what was moved, and what was learned.

    python -m benchmarks.learning [--gestures 200] [--seed 0]

Gestures are kinds of control x noise x bystanders; see `benchmarks.rig.gestures`. A player reads what the
server says, and does what it asks for: turns an encoder both ways, presses a button again.
"""

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial

from benchmarks.rig.gestures import KINDS, Gesture, draw_gestures
from core.command import exit_status
from server.midi.learning.learn_mode import LEARN_PACE_S, Learned, LearnMode

__all__ = ["Outcome", "learn", "main", "table"]

_AFTERWARDS_S = 4.0  # that the player waits
_NAMES = ("Macro 0",)
_DEVICES = ("desk", "OSC", "keys")


@dataclass(frozen=True)
class Outcome:
    """What came of a gesture.

    Attributes:
        learned: What it was taken for.
        right: Whether that is what it was.
        texts: What the player read.
        doubt: What the player read behind the binding, where something else may have been meant.
    """

    learned: str
    right: bool
    texts: tuple[str, ...]
    doubt: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether the wrong control was bound, or the right one wrongly."""
        return not self.right and self.learned not in ("a word", "nothing")


def learn(gesture: Gesture) -> Outcome:
    """Return what learning makes of a gesture."""
    mode, now = LearnMode(), 0.0
    texts: list[str] = []
    waiting = [one for one in gesture.arrivals if one[0] >= 0.0]
    for at, device, event in gesture.arrivals:
        if at < 0.0:
            mode.talked(device, event.control, at)
    mode.start(0)
    end = gesture.arrivals[-1][0] + _AFTERWARDS_S
    while now < end:
        while waiting and waiting[0][0] <= now:
            at, device, event = waiting.pop(0)
            mode.add(device, event, at)
        found = mode.progress(_NAMES, _DEVICES, now)
        if isinstance(found, Learned):
            return Outcome(*_judge(gesture, found), (*texts, found.how), found.doubt)
        if found is not None:
            texts.append(found)
        now += LEARN_PACE_S
    said = " ".join(texts)
    if gesture.control is None:
        return Outcome("a word" if "key or pad" in said else "nothing", "key or pad" in said, tuple(texts))
    return Outcome("a word" if texts else "nothing", False, tuple(texts))


def _judge(gesture: Gesture, found: Learned) -> tuple[str, bool]:
    binding = found.binding
    if binding.control != gesture.control:
        return "another control", False
    pressed = gesture.kind in ("button", "button, 127 only", "switch")
    if binding.sends != "absolute":
        return f"encoder, {binding.sends}", binding.sends == gesture.sends
    if found.how == ", a button":
        return "a button", pressed
    right = gesture.sends == "absolute" and not pressed and binding.span == gesture.span
    return "a position", right


def table(outcomes: list[tuple[Gesture, Outcome]]) -> str:
    """Return the table of what was moved and what was learned, in Markdown."""
    columns = (
        *("a position", "encoder, twos", "encoder, offset", "encoder, sign", "a button"),
        *("a word", "another control", "nothing"),
    )
    counts = Counter((gesture.kind, outcome.learned) for gesture, outcome in outcomes)
    lines = [
        f"| moved | n | {' | '.join(columns)} | right |",
        f"| --- | --: |{' --: |' * (len(columns) + 1)}",
    ]
    for kind in KINDS:
        mine = [outcome for gesture, outcome in outcomes if gesture.kind == kind]
        cells = [str(counts[kind, column] or "") for column in columns]
        lines.append(f"| {kind} | {len(mine)} | {' | '.join(cells)} | {sum(one.right for one in mine)} |")
    n_right = sum(outcome.right for _, outcome in outcomes)
    wrong = [outcome for _, outcome in outcomes if outcome.is_wrong]
    n_silent = sum(not outcome.doubt for outcome in wrong)
    n_doubted = sum(outcome.right and bool(outcome.doubt) for _, outcome in outcomes)
    lines.append(
        f"\n{n_right} of {len(outcomes)} are right ({100.0 * n_right / len(outcomes):.1f} %), {n_doubted} of "
        f"them with a word of doubt; {len(wrong)} bound wrongly, {n_silent} of them without such a word."
    )
    return "\n".join(lines)


def main(given: list[str] | None = None) -> int:
    """Run the command and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.learning", description=__doc__.split("\n")[0])
    p.add_argument("--gestures", type=int, default=200, help="how many (%(default)s)")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--misses", action="store_true", help="list those that went wrong")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    outcomes = [(gesture, learn(gesture)) for gesture in draw_gestures(options.gestures, options.seed)]
    print(table(outcomes))
    for gesture, outcome in outcomes if options.misses else []:
        if not outcome.right:
            moved = f"{gesture.kind}, {gesture.noise}, {gesture.bystander}"
            print(f"{moved}: {outcome.learned} {outcome.texts} {outcome.doubt}")


if __name__ == "__main__":
    sys.exit(main())

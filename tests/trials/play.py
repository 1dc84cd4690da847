"""Plays a trial on a stage: each line does something, or is about what came of it."""

import re
from typing import Any

from server.midi.profiles.profile import profile_path
from tests.trials.language import Sent, Step, Trial, messages, mixed

_NEAR = 0.005  # half a step of 7 bits
PACE_S = 0.01  # from message to message


def play(trial: Trial, stage: Any) -> None:
    """Play a trial.

    Args:
        trial: What happens.
        stage: Where: `memory.MemoryStage` or `real.RealStage`.

    Raises:
        AssertionError: It came otherwise; the message names the line.
    """
    player = _Player(stage)
    for step in trial.steps:
        try:
            player.step(step)
        except AssertionError as error:
            said = "\n".join(f"  {text}" for text in stage.texts)
            raise AssertionError(
                f"{trial.title}, line {step.line}: {' '.join(step.words)}\n{error}\nread so far:\n{said}"
            ) from error


class _Player:
    def __init__(self, stage: Any) -> None:
        self._stage = stage
        self._beside: list[list[Sent]] = []
        self._heard = 0  # of the texts, those before this one
        self._before: list[float] = []

    def step(self, step: Step) -> None:
        act = getattr(self, f"_{step.words[0]}", None)
        if act is not None:
            act(*step.words[1:])
        elif step.words[1] == "hears":
            self._program_hears(step.words[0], step.words[2], *step.words[3:])
        else:
            self._send(step)

    def _send(self, step: Step) -> None:
        sent = messages(step.words, self._stage.is_controller(step.words[0]))
        self._beside.append(sent)
        if not step.beside:
            parts, self._beside = self._beside, []
            self._before = self._stage.macros()
            self._stage.send(mixed(parts), PACE_S)

    # -- what happens

    def _plug(self, name: str, _as: str = "as", who: str = "") -> None:
        self._stage.plug(name, who or name)

    def _unplug(self, who: str) -> None:
        self._stage.unplug(who)

    def _learn(self, *words: str) -> None:
        self._send(Step(0, ("me", "/flow/learn", *words), False))

    def _unlearn(self, *words: str) -> None:
        self._send(Step(0, ("me", "/flow/unlearn", *words), False))

    def _wait(self, seconds: str) -> None:
        self._stage.wait(float(seconds))

    def _edit(self, device: str, old: str, new: str) -> None:
        path = profile_path(self._stage.profiles, device)
        assert self._stage.eventually(path.exists), "there is no file"  # it is written while the player reads
        text = path.read_text(encoding="utf-8")
        assert old in text, f"the file is\n{text}"
        path.write_text(text.replace(old, new, 1) if old else f"{text}{new}\n", encoding="utf-8")

    def _write(self, device: str, line: str) -> None:
        path = profile_path(self._stage.profiles, device)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"format: 1\ndevice: {device}\nbindings:\n{line}\n", encoding="utf-8")

    # -- what comes of it

    def _hear(self, text: str) -> None:
        def found() -> int | None:
            texts = self._stage.texts
            return next((n for n in range(self._heard, len(texts)) if text in texts[n]), None)

        assert self._stage.eventually(lambda: found() is not None), "the player reads no such thing"
        self._heard = (found() or 0) + 1

    def _unheard(self, text: str) -> None:
        assert not [one for one in self._stage.texts if text in one], "the player has read it"

    def _program_hears(self, who: str, address: str, *words: str) -> None:
        wanted = " ".join(words)

        def heard() -> bool:
            sent = self._stage.heard_by(who)
            return any(to == address and wanted in " ".join(map(str, values)) for to, *values in sent)

        assert self._stage.eventually(heard), f"{who} was sent {self._stage.heard_by(who)}"

    def _macro(self, k: str, verb: str, value: str = "") -> None:
        before = self._before
        if k == "any":
            assert verb == "moves", "of any macro it can only be said that it moves"
            assert self._stage.eventually(self._any_moved), f"all stay: {before}"
            return
        n = int(k)

        def off(from_value: float) -> float:
            return abs(self._stage.macros()[n] - from_value)

        if verb == "stays":
            self._stage.settle()
            assert off(before[n]) <= 1e-4, f"it is at {self._stage.macros()[n]:.4f}, was at {before[n]:.4f}"
        elif verb == "moves":
            assert self._stage.eventually(lambda: off(before[n]) > _NEAR), f"it stays at {before[n]:.4f}"
        else:
            assert self._stage.eventually(lambda: off(float(value)) <= _NEAR), (
                f"it is at {self._stage.macros()[n]:.4f}"
            )

    def _any_moved(self) -> bool:
        pairs = zip(self._stage.macros(), self._before, strict=True)
        return any(abs(now - before) > _NEAR for now, before in pairs)

    def _profile(self, device: str, verb: str, text: str) -> None:
        def has() -> bool:
            path = profile_path(self._stage.profiles, device)
            return path.exists() and re.sub(r"\s+", " ", text) in re.sub(r"\s+", " ", path.read_text())

        assert self._stage.eventually(lambda: has() == (verb == "has")), sorted(
            path.read_text() for path in self._stage.profiles.glob("*.yaml")
        )

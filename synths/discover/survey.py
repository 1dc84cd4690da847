"""Find out by ear what the controls of a plug-in do: which belong in a model, which do not, and why not.

Each control is moved alone, in the patch that the plug-in starts with and in a few others, by a plug-in that
may crash or hang: then the control that did it is left out.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.distances import log_mel_distance
from core.errors import RenderError
from core.ruler.pitch_error import PitchCurve
from core.space import Patch
from synths.discover.control_tests import Heard, Move, hear, move_between, named_reason
from synths.discover.volume_by_ear import VolumeFound, find_volume, may_be_volume
from synths.engine import Note, PatchFailure
from synths.guarded import GuardedPlugin
from synths.plugin import (
    CONTROLLERS,
    PluginControls,
    controller_default,
    controller_name,
    is_controller,
)

__all__ = ["NOTE", "Survey", "survey"]

logger = logging.getLogger(__name__)

NOTE = Note(held_seconds=1.0, seconds=1.5)
_TRIED = (0.0, 0.3, 0.7, 1.0)
_FEWER = (0.0, 0.6, 1.0)
_MANY = 400  # controls; of more, each is moved to fewer values
_N_PATCHES = 5  # the first is the plug-in's own, the others random: some controls are heard only there
_MOVED = 0.5  # share of the controls that a random patch moves
_REPEATS = 3  # of a patch, to hear how alike two renders of it are
_DRAWS = 12  # of a random patch until one sounds
_INAUDIBLE_DB = 0.1
_LOUDER_DB = 0.5
_CARRIES_OVER_DB = 0.3  # beyond this between two renders of one patch, each render gets a new instance
_TUNES_CENTS = 60.0
_FEW = 2  # audible controls; with fewer, MIDI controllers are tried as well


@dataclass(frozen=True)
class Survey:
    """What was found in a plug-in.

    Attributes:
        controls: What it shows of its controls, MIDI controllers that were tried included.
        changes_db: How much each control of a model changes the log-mel at equal loudness, the most audible
            first, without the volume.
        ranges: The values between which each of them was heard in some patch.
        volume: The control whose moves are a gain; None if there is none.
        left_out: Why each of the others is left out.
        carry_over_db: Distance between two renders of a patch by one instance, with others in between.
        fresh: Whether each render gets a new instance.
        render_s: Seconds that a render of `NOTE` takes.
        n_failures: How often the plug-in crashed or hung.
    """

    controls: PluginControls
    changes_db: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]
    volume: VolumeFound | None
    left_out: Mapping[str, str]
    carry_over_db: float
    fresh: bool
    render_s: float
    n_failures: int


def survey(
    path: Path,
    *,
    sample_rate: int = 22_050,
    seed: int = 0,
    seconds: float | None = None,
    state: bytes | None = None,
    patches: Sequence[Patch] = (),
    timeout_s: float = 20.0,
    told: Callable[[float], object] = lambda share: None,
) -> Survey:
    """Survey the controls of a plug-in.

    Args:
        path: The plug-in.
        sample_rate: Of the renders, Hz.
        seed: Of the patches in which controls are moved.
        seconds: After which no more is tried; what was not tried by then is left out. None is no limit.
        state: Preset to start with; None leaves it to the plug-in.
        patches: Programs of the plug-in, to move controls in instead of random patches.
        timeout_s: After which a render, or three times that a plug-in that loads, is stopped.
        told: Told the share that is done, 0 to 1.

    Raises:
        RenderError: The plug-in is missing, crashes or hangs at once, is silent, an effect, or has no control
            that is heard.
    """
    if not path.exists():
        raise RenderError(f"there is no plug-in at {path}; write the path of its file.")
    rng = np.random.default_rng(seed)
    return _Surveyor(path, sample_rate, rng, seconds, timeout_s, state, told).survey(patches)


@dataclass
class _Surveyor:
    path: Path
    sample_rate: int
    rng: np.random.Generator
    seconds: float | None
    timeout_s: float
    state: bytes | None
    told: Callable[[float], object]
    started_s: float = field(default_factory=lambda: time.monotonic())
    left_out: dict[str, str] = field(default_factory=dict)
    moves: dict[str, list[list[Move]]] = field(default_factory=dict)
    bases: list[Patch] = field(default_factory=list)  # the patches in which controls were moved
    n_failures: int = 0
    engine: GuardedPlugin = field(init=False)
    before: Heard = field(init=False)  # the last of the patches
    floor_db: float = 0.0  # by how much renders of it differ
    pitch: PitchCurve | None = None

    def survey(self, patches: Sequence[Patch]) -> Survey:
        self.engine = self._open(fresh=False)
        self._check_it_sounds()
        carry_over_db = self._carry_over()
        if fresh := carry_over_db > _CARRIES_OVER_DB:
            self.engine = self._open(fresh=True)
        controls = self.engine.controls
        render_s = min(self._timed() for _ in range(_REPEATS))
        self._sort_out(controls)
        self._move_all([name for name in controls.defaults if name not in self.left_out], patches)
        self._move_gains(patches)
        changes, volume = self._audible()
        if len(changes) + (volume is not None) < _FEW:
            controls = self._with_controllers(controls)
            changes, volume = self._audible()
        self._say_why(changes, volume)
        if not changes:
            raise RenderError(
                f"no control of {self.path.name} changes its sound, so there is nothing to learn."
            )
        self.told(1.0)
        return Survey(
            controls=controls,
            changes_db=changes,
            ranges={name: self._range(name) for name in changes},
            volume=volume,
            left_out=self.left_out,
            carry_over_db=carry_over_db,
            fresh=fresh,
            render_s=render_s,
            n_failures=self.n_failures,
        )

    def _open(self, *, fresh: bool) -> GuardedPlugin:
        limits = {"loading_s": 3.0 * self.timeout_s, "playing_s": self.timeout_s}
        return GuardedPlugin(self.path, self.sample_rate, fresh=fresh, state=self.state, **limits)

    def _check_it_sounds(self) -> None:
        if self._play({}) is not None or self._play({}) is not None:
            return
        if self.engine.controls.n_inputs:
            raise RenderError(
                f"{self.path.name} is an effect: it takes audio in and is silent at a note. Name a synth."
            )
        raise RenderError(
            f"{self.path.name} is silent with the patch it starts with. It may need a licence, samples or a "
            "preset: open it in a host once."
        )

    def _carry_over(self) -> float:
        """Return the distance between two renders of the starting patch with others in between, dB."""
        first = self._play({})
        assert first is not None
        distances = []
        for _ in range(2):
            drawn = dict.fromkeys(self.engine.controls.defaults, 0.0)
            drawn = {name: float(self.rng.uniform()) for name in drawn if named_reason(name) is None}
            try:
                self._play(drawn)
            except PatchFailure:
                self.n_failures += 1
            distances.append(log_mel_distance(first.mel, (self._play({}) or first).mel))
        return max(distances)

    def _timed(self) -> float:
        began = time.monotonic()
        self._play({})
        return time.monotonic() - began

    def _sort_out(self, controls: PluginControls) -> None:
        """Leave out what names and positions tell, unheard."""
        for name, default in controls.defaults.items():
            if reason := named_reason(name):
                self.left_out[name] = f"{reason}; it stays at {default:.3g}"
            elif steps := controls.steps.get(name):
                self.left_out[name] = f"a switch of {steps} positions; it stays at {default:.3g}"

    def _move_all(self, names: Sequence[str], patches: Sequence[Patch]) -> None:
        """Move controls one at a time in a few patches, until the time is over."""
        for k in range(_N_PATCHES):
            moving = [name for name in names if name not in self.left_out]
            for n, name in enumerate(self._moved_in(k, moving, patches)):
                if self._time_is_over():
                    return
                self._move(name)
                self.told((k + n / len(moving)) / _N_PATCHES)

    def _move_gains(self, patches: Sequence[Patch]) -> None:
        """Move what may be the volume in more patches, where the time did not go that far."""
        names = list(self.moves)
        for _ in range(_N_PATCHES - len(self.bases)):
            gains = [name for name in names if may_be_volume(self.moves[name])]
            if gains and self._moved_in(1, names, patches):
                for name in gains:
                    self._move(name)

    def _moved_in(self, k: int, moving: Sequence[str], patches: Sequence[Patch]) -> Sequence[str]:
        """Get ready to move controls in a patch, the first that of the plug-in; none if none is found."""
        base, before = self._base(k, moving, patches)
        if before is None:
            return []
        self.bases.append(base)
        self.before, self.floor_db = before, self._floor(base, before)
        self.pitch = before.pitch() if k == 0 else None
        return moving

    def _floor(self, base: Patch, before: Heard) -> float:
        """Return by how much renders of one patch differ, dB."""
        again = [self._play(base) for _ in range(_REPEATS)]
        return max((log_mel_distance(before.mel, sound.mel) for sound in again if sound), default=0.0)

    def _base(self, k: int, moving: Sequence[str], patches: Sequence[Patch]) -> tuple[Patch, Heard | None]:
        """Return the k-th patch in which controls are moved, and its sound; None if none is found."""
        if k == 0:
            return {}, self._play({})
        for _ in range(_DRAWS):
            if patches:
                drawn = dict(patches[int(self.rng.integers(len(patches)))])
                drawn = {
                    name: value for name, value in drawn.items() if name in self.engine.controls.defaults
                }
            else:
                drawn = {n: float(self.rng.uniform()) for n in moving if self.rng.uniform() < _MOVED}
            try:
                if (sound := self._play(drawn)) is not None:
                    return drawn, sound
            except PatchFailure:
                self.n_failures += 1
        return {}, None

    def _move(self, name: str) -> None:
        """Move a control in the last of the patches."""
        many = len(self.engine.controls.defaults) > _MANY or is_controller(name)
        moves = []
        for value in _FEWER if many else _TRIED:
            try:
                after = self._play({**self.bases[-1], name: value})
            except PatchFailure as failure:
                self.n_failures += 1
                self.left_out[name] = f"at {value:g}, {failure}"
                return
            moves.append(move_between(self.before, after, value, self.floor_db, self.pitch))
        self.moves.setdefault(name, []).append(moves)

    def _with_controllers(self, controls: PluginControls) -> PluginControls:
        """Try MIDI controllers as well, and return the controls with them."""
        logger.info("%s shows next to no controls of its sound; MIDI controllers are tried", self.path.name)
        names = {controller_name(number): controller_default(number) for number in CONTROLLERS}
        self.bases.clear()
        self._move_all(list(names), ())
        return PluginControls({**controls.defaults, **names}, controls.steps, controls.n_inputs)

    def _audible(self) -> tuple[dict[str, float], VolumeFound | None]:
        """Return what is heard, the most audible first, and the volume; leave out what is dangerous."""
        volume = find_volume(self.moves, self._sounds)
        found = {}
        for name, rows in self.moves.items():
            if volume is not None and name == volume.name:
                continue
            moves = [move for row in rows for move in row]
            change = max(move.change_db for move in moves)
            tuned = [move.cents for move in rows[0] if move.cents > _TUNES_CENTS]
            if sum(not move.heard for move in moves) > len(moves) / 2:
                self.left_out[name] = "nearly everywhere it silences the sound"
            elif len(tuned) >= len(rows[0]) / 2:
                self.left_out[name] = f"it moves the pitch, by up to {max(tuned):.0f} cents"
            elif name not in self.left_out and change > _INAUDIBLE_DB:
                found[name] = change
        return dict(sorted(found.items(), key=lambda item: -item[1])), volume

    def _say_why(self, changes: Mapping[str, float], volume: VolumeFound | None) -> None:
        """Say of whatever is not in a model why not."""
        for name, rows in self.moves.items():
            if name in changes or name in self.left_out or (volume is not None and name == volume.name):
                continue
            louder = any(abs(move.louder_db) > _LOUDER_DB for row in rows for move in row if move.heard)
            self.left_out[name] = "loudness only" if louder else f"inaudible in {len(rows)} patches"
        for name in self.engine.controls.defaults:
            if name not in self.moves and name not in self.left_out:
                self.left_out[name] = "not tried: the time was over. Raise --minutes"

    def _range(self, name: str) -> tuple[float, float]:
        """Return the lowest and the highest value at which a control was heard in most patches."""
        good = [
            at[0].value
            for at in zip(*self.moves[name], strict=True)
            if 2 * sum(move.heard for move in at) > len(at)
        ]
        return (good[0], good[-1]) if len(good) > 1 else (0.0, 1.0)

    def _sounds(self, name: str, values: Sequence[float], k: int) -> list[Heard | None]:
        """Return how the k-th patch sounds as a control goes through some values; a failure is silence."""
        sounds: list[Heard | None] = []
        for value in values:
            try:
                sounds.append(self._play({**self.bases[k], name: value}))
            except PatchFailure:
                self.n_failures += 1
                sounds.append(None)
        return sounds

    def _play(self, patch: Patch) -> Heard | None:
        return hear(self.engine.render(patch, NOTE), self.sample_rate)

    def _time_is_over(self) -> bool:
        return self.seconds is not None and time.monotonic() - self.started_s > self.seconds

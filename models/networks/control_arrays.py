"""The control signals of `models/networks/control_signals.py` in plain numpy, and their gradient."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from core.mel import MelConfig
from core.space import Parameter, ParameterSpace

__all__ = ["ControlArrays"]

_CURVE = -2.0
_SHORTEST_S = 1e-3
_AFTER_S = (0.05, 0.2)
_PARTS = ("attack", "decay", "sustain", "release")
_STEP = 1e-6  # of a normalized value, to either side: small beside every bend, large beside a rounding

_Signals = Callable[[np.ndarray], np.ndarray]  # (n, parameters that are read) -> (signals, n, n_frames)


class ControlArrays:
    """Patches `(n, P)` to signals `(n, n_signals, n_frames)`; see `ControlSignals`.

    Args:
        space: Says which parameters are times and which are rates.
        mel: Says when the frames are.
        held_seconds: When the note is released.
    """

    def __init__(self, space: ParameterSpace, mel: MelConfig, held_seconds: float) -> None:
        self._space, self._held = space, held_seconds
        self._hop_s = mel.hop_samples / mel.sample_rate
        self._times = t = np.arange(mel.n_frames) * self._hop_s
        let_go, since = (t > held_seconds).astype(float), np.maximum(t - held_seconds, 0.0)
        self._fixed = np.stack(
            [t / t[-1], let_go]
            + [np.exp(-t / after) for after in _AFTER_S]
            + [let_go * np.exp(-since / after) for after in _AFTER_S]
        )
        self._groups = list(self._find_groups())

    def signals(self, patches: np.ndarray) -> np.ndarray:
        """Compute the signals of patches, float32."""
        moving = [compute(patches[:, read].astype(float)) for read, compute in self._groups]
        fixed = np.broadcast_to(self._fixed[:, None], (len(self._fixed), len(patches), len(self._times)))
        return np.concatenate([*moving, fixed]).transpose(1, 0, 2).astype(np.float32)

    def gradient(self, patches: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Return the gradient by patches `(n, P)`, given that by their signals, shaped as these.

        By differences: each signal depends on four parameters at most.
        """
        found, row = np.zeros(patches.shape), 0
        for read, compute in self._groups:
            at = patches[:, read].astype(float)
            for k, index in enumerate(read):
                aside = np.zeros(len(read))
                aside[k] = _STEP
                by = (compute(at + aside) - compute(at - aside)) / (2.0 * _STEP)
                found[:, index] += np.einsum("snt,nst->n", by, slopes[:, row : row + len(by)])
            row += len(compute(at))
        return found

    def _find_groups(self) -> Iterator[tuple[list[int], _Signals]]:
        """Yield which parameters are read, and what is computed from them, in the order of the signals."""
        names = [n.removesuffix("_attack") for n in self._space.names if n.endswith("_attack")]
        for name in names:
            if self._space[f"{name}_attack"].unit == "s":
                parts = [part for part in _PARTS if f"{name}_{part}" in self._space]
                read = [self._space.index(f"{name}_{part}") for part in parts]
                yield read, self._envelope(parts, [self._space[k] for k in read])
        for k, parameter in enumerate(self._space):
            if parameter.unit == "Hz":
                yield [k], self._oscillator(parameter)

    def _envelope(self, parts: list[str], parameters: list[Parameter]) -> _Signals:
        t = self._times

        def compute(values: np.ndarray) -> np.ndarray:
            of = {
                part: _plain(values[:, k : k + 1], parameter)
                for k, (part, parameter) in enumerate(zip(parts, parameters, strict=True))
            }
            attack, decay = of["attack"] + _SHORTEST_S, of.get("decay", np.array(1e3)) + _SHORTEST_S
            rise = np.clip(t / attack, 0.0, 1.0)
            fall = np.clip((t - attack) / decay, 0.0, 1.0)
            sustain = of.get("sustain", np.array(1.0))
            level = rise * (sustain + (1.0 - sustain) * _falling(fall))
            signals = [rise, fall]
            if "release" in of:
                released = np.clip((t - self._held) / (of["release"] + _SHORTEST_S), 0.0, 1.0)
                level = level * _falling(released)
                signals.append(released)
            return np.stack([*signals, level, 0.2 * np.log(np.maximum(level, 0.0) + 1e-3) + 0.7])

        return compute

    def _oscillator(self, parameter: Parameter) -> _Signals:
        def compute(values: np.ndarray) -> np.ndarray:
            rate_hz = _plain(values, parameter)
            seen = np.exp(-((rate_hz * self._hop_s) ** 2))
            turns = rate_hz * self._times
            triangle = 1.0 - 4.0 * np.abs(turns % 1.0 - 0.5)
            angle = 2.0 * math.pi * turns
            return np.stack([seen * triangle, seen * np.sin(angle), seen * np.cos(angle)])

        return compute


def _plain(normalized: np.ndarray, parameter: Parameter) -> np.ndarray:
    """Turn normalized values into plain ones, as `control_signals.plain_values` does."""
    raw = parameter.low + normalized * (parameter.high - parameter.low)
    match parameter.scale:
        case "quadratic":
            raw = raw**2
        case "quartic":
            raw = np.maximum(raw, 1e-3) ** 4
        case "exponential":
            raw = np.exp2(raw)
        case "square_root":
            raw = np.sqrt(np.maximum(raw, 0.0))
    return np.asarray(raw + parameter.offset)


def _falling(along: np.ndarray) -> np.ndarray:
    end = math.exp(_CURVE)
    return np.asarray((np.exp(_CURVE * along) - end) / (1.0 - end))

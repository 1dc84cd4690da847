"""Parameter spaces: the controls of a synth that a model moves.

A **patch** is a mapping from engine name to *normalized* value, 0 to 1, exactly as the plug-in itself
normalizes that control, so that a value can go to a host's automation lane untouched.
A *plain* value is what a person reads: seconds, Hz, dB, semitones.
"""

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from core.errors import ConfigError, PatchError
from core.nearest import did_you_mean
from core.plain_file import read_yaml

__all__ = ["Parameter", "ParameterSpace", "Patch", "Scale", "VolumeGain"]

Patch = dict[str, float]
Scale = Literal["linear", "quadratic", "quartic", "exponential", "square_root", "indexed"]

_KEYS = {"name", "label", "caption", "range", "scale", "offset", "unit", "neutral", "cc", "silent_unless"}
_SCALES: tuple[Scale, ...] = ("linear", "quadratic", "quartic", "exponential", "square_root", "indexed")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One control of the synth.

    Attributes:
        name: The engine's own name, unique in the space.
        label: The name that a host such as Live shows.
        caption: What it does, where the label does not say; otherwise the label.
        low, high: Range of the engine's raw value; normalized is linear in raw.
        scale: How raw becomes plain: raw, raw^2, raw^4, 2^raw or sqrt(raw); `indexed` is whole numbers.
        offset: Added to the scaled value to give the plain one (Vital's dB scale starts at -80).
        unit: Unit of the plain value, empty for a ratio.
        neutral: Normalized value at which the control does nothing, or its base value.
        control_change: MIDI CC number, 0 to 119.
        silent_unless: Names of parameters; while all of them are neutral, this one is not heard.
    """

    name: str
    label: str
    low: float
    high: float
    scale: Scale = "linear"
    offset: float = 0.0
    unit: str = ""
    caption: str = ""
    neutral: float = 0.0
    control_change: int = 0
    silent_unless: tuple[str, ...] = ()

    def plain(self, normalized: float) -> float:
        """Turn a normalized value into the one a person reads, in `unit`."""
        raw = self.raw(normalized)
        match self.scale:
            case "quadratic":
                scaled = raw * raw
            case "quartic":
                scaled = raw**4
            case "exponential":
                scaled = 2.0**raw
            case "square_root":
                scaled = math.sqrt(max(raw, 0.0))
            case "indexed":
                scaled = float(round(raw))
            case _:
                scaled = raw
        return scaled + self.offset

    def normalized(self, plain: float) -> float:
        """Turn a plain value into a normalized one, held inside 0 to 1."""
        scaled = plain - self.offset
        match self.scale:
            case "quadratic":
                raw = math.sqrt(max(scaled, 0.0))
            case "quartic":
                raw = max(scaled, 0.0) ** 0.25
            case "exponential":
                raw = math.log2(max(scaled, 1e-12))
            case "square_root":
                raw = scaled * scaled
            case _:
                raw = scaled
        return self.normalized_raw(raw)

    def raw(self, normalized: float) -> float:
        """Turn a normalized value into the engine's raw one."""
        return self.low + normalized * (self.high - self.low)

    def normalized_raw(self, raw: float) -> float:
        """Turn the engine's raw value into a normalized one, held inside 0 to 1."""
        return min(max((raw - self.low) / (self.high - self.low), 0.0), 1.0)


class VolumeGain(NamedTuple):
    """The parameter that levels patches, and its gain in dB at even values from 0 to 1, rising."""

    name: str
    gain_db: tuple[float, ...]


class ParameterSpace:
    """The parameters a model moves, in a fixed order, and the base patch beneath them.

    Args:
        name: Name of the space, such as `vital-32`.
        synth: Name of the synth it belongs to.
        parameters: The parameters, in the order of every vector.
        base: File of the base patch beneath them; None for the synth's own.
        volume: The one that levels patches, where that was measured; None where the synth's own facts tell.
        state: Preset that a plug-in starts with, beneath every patch; None leaves it to the plug-in.
    """

    def __init__(
        self,
        name: str,
        synth: str,
        parameters: Sequence[Parameter],
        base: Path | None = None,
        *,
        volume: VolumeGain | None = None,
        state: bytes | None = None,
    ) -> None:
        self.name = name
        self.synth = synth
        self.base = base
        self.volume = volume
        self.state = state
        self.parameters = tuple(parameters)
        self.names = tuple(p.name for p in self.parameters)
        self._index = {n: k for k, n in enumerate(self.names)}
        if len(self._index) != len(self.parameters):
            twice = sorted({n for n in self.names if self.names.count(n) > 1})
            raise ConfigError(f"space {name} lists {', '.join(twice)} twice; keep one of each.")
        if volume is not None and volume.name not in self._index:
            raise ConfigError(
                f"space {name} has the volume '{volume.name}', which is none of its parameters."
            )

    def __len__(self) -> int:
        """Return the number of parameters, P."""
        return len(self.parameters)

    def first(self, n: int, name: str) -> "ParameterSpace":
        """Return the space of the first n parameters under another name."""
        return ParameterSpace(name, self.synth, self.parameters[:n], self.base)

    def over(self, base: Path) -> "ParameterSpace":
        """Return the same parameters over a base patch in another file."""
        return ParameterSpace(
            self.name, self.synth, self.parameters, base, volume=self.volume, state=self.state
        )

    def __iter__(self) -> Iterator[Parameter]:
        """Iterate over the parameters in order."""
        return iter(self.parameters)

    def __getitem__(self, key: int | str) -> Parameter:
        """Return a parameter by index or by engine name."""
        if isinstance(key, str):
            return self.parameters[self.index(key)]
        return self.parameters[key]

    def __contains__(self, name: object) -> bool:
        """Return whether a parameter of this engine name is in the space."""
        return name in self._index

    def index(self, name: str) -> int:
        """Return the index of a parameter by engine name.

        Raises:
            PatchError: The space has no such parameter.
        """
        try:
            return self._index[name]
        except KeyError:
            hint = did_you_mean(name, self.names)
            raise PatchError(f"{self.name} has no parameter '{name}'; {hint}") from None

    @property
    def neutral(self) -> np.ndarray:
        """The base patch: float32 vector `(P,)` of the neutral values."""
        return np.array([p.neutral for p in self.parameters], np.float32)

    def encode(self, patch: Mapping[str, float]) -> np.ndarray:
        """Turn a patch into the vector a network reads.

        `decode(encode(patch))` returns the patch to float32 accuracy.

        Args:
            patch: Normalized value, 0 to 1, of every parameter by engine name.

        Returns:
            Float32 vector `(P,)` in the order of `self.parameters`.

        Raises:
            PatchError: A parameter is missing, unknown, not finite or out of range.
        """
        unknown = [n for n in patch if n not in self._index]
        if unknown:
            hint = did_you_mean(unknown[0], self.names)
            raise PatchError(f"{self.name} has no parameter '{unknown[0]}'; {hint}")
        missing = [n for n in self.names if n not in patch]
        if missing:
            raise PatchError(
                f"the patch lacks {len(missing)} of {self.name}'s {len(self)} parameters, "
                f"first '{missing[0]}'; give every one a value from 0 to 1."
            )
        return self.check(np.array([patch[n] for n in self.names], np.float32))

    def decode(self, vector: np.ndarray) -> Patch:
        """Turn a vector `(P,)` of normalized values into a patch.

        Raises:
            PatchError: Wrong length, not finite, or outside 0 to 1.
        """
        return dict(zip(self.names, self.check(vector).tolist(), strict=True))

    def check(self, vector: np.ndarray) -> np.ndarray:
        """Return the vector as float32 if it is a patch of this space.

        Raises:
            PatchError: Wrong length, not finite, or outside 0 to 1.
        """
        array = np.asarray(vector, np.float32)
        if array.shape != (len(self),):
            raise PatchError(f"{self.name} has {len(self)} parameters, but {array.size} values were given.")
        bad = ~np.isfinite(array) | (array < 0.0) | (array > 1.0)
        if bad.any():
            k = int(np.argmax(bad))
            raise PatchError(
                f"'{self.names[k]}' is {float(array[k]):g}; values go from 0 to 1 and are finite."
            )
        return array

    def to_dict(self) -> dict[str, Any]:
        """Return the space as plain data, for YAML; `from_dict` undoes it."""
        rows = []
        for p in self.parameters:
            row: dict[str, Any] = {"name": p.name, "label": p.label, "range": [p.low, p.high]}
            row["scale"] = p.scale
            if p.offset:
                row["offset"] = p.offset
            if p.caption != p.label:
                row["caption"] = p.caption
            if p.unit:
                row["unit"] = p.unit
            row["neutral"] = p.neutral
            row["cc"] = p.control_change
            if p.silent_unless:
                row["silent_unless"] = list(p.silent_unless)
            rows.append(row)
        base = {} if self.base is None else {"base": str(self.base)}
        data: dict[str, Any] = {"name": self.name, "synth": self.synth, **base, "parameters": rows}
        if self.volume is not None:
            data["volume"] = {"name": self.volume.name, "gain_db": list(self.volume.gain_db)}
        if self.state is not None:
            data["state"] = base64.b64encode(self.state).decode("ascii")
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], source: str = "space") -> "ParameterSpace":
        """Build a space from plain data, as `to_dict` returns it.

        Raises:
            ConfigError: A key is missing, unknown or of the wrong kind.
        """
        try:
            parameters = [_parameter(row) for row in data["parameters"]]
            if not parameters:
                raise ConfigError("it lists no parameters.")
            base = Path(str(data["base"])) if "base" in data else None
            volume = None if data.get("volume") is None else _volume(data["volume"])
            state = None if data.get("state") is None else base64.b64decode(data["state"], validate=True)
            return cls(str(data["name"]), str(data["synth"]), parameters, base, volume=volume, state=state)
        except ConfigError as error:
            raise ConfigError(f"{source} is not a parameter space: {error}") from error
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise ConfigError(f"{source} is not a parameter space: {error!r}.") from error

    @classmethod
    def from_yaml(cls, path: Path) -> "ParameterSpace":
        """Read a space from a YAML file.

        Raises:
            ConfigError: The file is missing or is not a space.
        """
        try:
            data = read_yaml(path)
        except FileNotFoundError:
            raise ConfigError(f"there is no parameter space at {path}.") from None
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror}; check the path.") from error
        return cls.from_dict(data, str(path))


def _volume(row: Any) -> VolumeGain:
    gain_db = tuple(float(gain) for gain in row["gain_db"])
    rising = all(a <= b for a, b in pairwise(gain_db))  # never true of what is not a number
    if len(gain_db) < 2 or not rising or not all(map(math.isfinite, gain_db)):
        raise ConfigError("the gains of its volume are two or more finite numbers that rise.")
    return VolumeGain(str(row["name"]), gain_db)


def _parameter(row: Any) -> Parameter:
    if not isinstance(row, dict) or not all(isinstance(key, str) for key in row):
        raise ConfigError("a parameter is written as keys and values, such as `name: osc_1_level`.")
    unknown = sorted(set(row) - _KEYS)
    if unknown:
        raise ConfigError(
            f"parameter {row.get('name')} has the key '{unknown[0]}'; {did_you_mean(unknown[0], _KEYS)}"
        )
    scale = row.get("scale", "linear")
    if scale not in _SCALES:
        raise ConfigError(f"parameter {row['name']}: scale is one of {', '.join(_SCALES)}.")
    for key in ("name", "label", "unit", "caption"):
        if not isinstance(row.get(key, ""), str):
            raise ConfigError(f"parameter {str(row['name'])[:64]}: its {key} is no text; put it in quotes.")
    low, high = row["range"]
    parameter = Parameter(
        name=row["name"],
        label=row["label"],
        low=float(low),
        high=float(high),
        scale=scale,
        offset=float(row.get("offset", 0.0)),
        unit=row.get("unit", ""),
        caption=row.get("caption") or row["label"],
        neutral=float(row["neutral"]),
        control_change=int(row["cc"]),
        silent_unless=tuple(row.get("silent_unless", ())),
    )
    if not (parameter.low < parameter.high and 0.0 <= parameter.neutral <= 1.0):
        raise ConfigError(f"parameter {parameter.name}: its range or its neutral value makes no sense.")
    if not all(math.isfinite(parameter.plain(end)) for end in (0.0, 0.5, 1.0)):
        raise ConfigError(f"parameter {parameter.name}: its range has no finite values.")
    return parameter

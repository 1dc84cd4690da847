"""OSC bytes: messages to read, messages to send.

The hot messages (macros, places, latents, patches) are read and built here with `struct`, at about a
microsecond each. python-osc reads the rest, after the guard let it through.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pythonosc.osc_message import OscMessage

from server.osc.addresses import FURTHEST, Value
from server.osc.fitting import Sizes

__all__ = ["FrameBuilder", "HotReader", "ControlMessage", "arguments", "build", "floats"]


@dataclass(frozen=True, slots=True)
class ControlMessage:
    """A hot message whose values are finite and in range."""

    address: str
    values: tuple[int | float, ...]


def arguments(message: bytes) -> list[Value]:
    """Read the arguments of a message that passed the guard, with python-osc."""
    return list(OscMessage(message).params)


def build(address: str, types: str, *values: Value) -> bytes:
    """Build a message.

    Args:
        address: OSC address.
        types: Type tags without the comma, such as `"if"`.
        values: One for each tag.
    """
    parts = [_padded(address), _padded("," + types)]
    for tag, value in zip(types, values, strict=True):
        if tag == "s":
            parts.append(_padded(str(value)))
        else:
            parts.append(struct.pack(f">{tag}", value))
    return b"".join(parts)


def floats(address: str, values: np.ndarray | Sequence[float]) -> bytes:
    """Build a message of floats only."""
    raw = np.asarray(values, ">f4")
    return _padded(address) + _padded("," + "f" * raw.size) + raw.tobytes()


def _padded(text: str) -> bytes:
    raw = text.encode("utf-8").replace(b"\0", b"") + b"\0"
    return raw + b"\0" * (-len(raw) % 4)


class FrameBuilder:
    """Builds `/flow/params` with a header made once.

    Args:
        n_parameters: P.
    """

    def __init__(self, n_parameters: int) -> None:
        self._header = _padded("/flow/params") + _padded(",i" + "f" * n_parameters)
        self._sequence = struct.Struct(">i")

    def build(self, sequence: int, patch: np.ndarray) -> bytes:
        """Give the frame of a patch `(P,)` of finite values within 0 to 1."""
        return self._header + self._sequence.pack(sequence) + patch.astype(">f4").tobytes()


class HotReader:
    """Recognises the hot messages by length and header, and reads and checks them in one go.

    Args:
        sizes: Counts of the loaded model.
        has_map: Whether there are presets; without, `/flow/place` is left to the slow way and its errors.
    """

    def __init__(self, sizes: Sizes, *, has_map: bool = True) -> None:
        self._n_macros = sizes.n_macros
        self._by_length: dict[int, list[_Hot]] = {}
        place = [("/flow/place", "ff", 1.0)] if has_map else []
        for address, types, bound in (
            *place,
            ("/flow/macro", "if", 1.0),
            ("/flow/macros", "f" * sizes.n_macros, 1.0),
            ("/flow/latent", "f" * sizes.n_latent, FURTHEST),
            ("/flow/patch", "f" * sizes.n_parameters, 1.0),
        ):
            hot = _Hot(address, types, bound)
            self._by_length.setdefault(hot.length, []).append(hot)

    def read(self, datagram: bytes) -> ControlMessage | None:
        """Give the values, or None where the datagram is something else or something is wrong."""
        for hot in self._by_length.get(len(datagram), ()):
            if datagram.startswith(hot.header):
                values = hot.read(datagram, len(hot.header))
                if hot.address == "/flow/macro":
                    k, value = values
                    sound = 0 <= k < self._n_macros and 0.0 <= value <= 1.0
                else:  # a comparison with NaN is false
                    low, high = hot.low, hot.high
                    sound = all(low <= value <= high for value in values)
                return ControlMessage(hot.address, values) if sound else None
        return None


class _Hot:
    """How one hot message looks on the wire."""

    def __init__(self, address: str, types: str, bound: float) -> None:
        reader = struct.Struct(">" + types)
        self.address = address
        self.header = _padded(address) + _padded("," + types)
        self.read = reader.unpack_from
        self.length = len(self.header) + reader.size
        self.low, self.high = (0.0 if bound == 1.0 else -bound), bound

"""How a profile spells a control, such as `cc 21` or `osc /1/xy 1`."""

from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.nearest import did_you_mean
from server.midi.codec.control import ANY_CHANNEL, KINDS, Control, Kind

__all__ = ["MAX_ADDRESS", "companion_text", "control_text", "read_control"]

MAX_ADDRESS = 128  # characters of another program's OSC address
_UNNUMBERED_KINDS: tuple[Kind, ...] = ("pitch", "pressure")
_CHANNELS = [str(channel) for channel in range(1, 17)]


def read_control(value: Any, line: int, channel: int, path: Path, key: str = "control") -> Control:
    """Read a control.

    Args:
        value: As YAML has it.
        line: Its line in the file.
        channel: Channel of the binding; what belongs to a control may name another one behind it.
        path: Of the file.
        key: `control`, or what belongs to it: `ring` or `touch`.

    Raises:
        ConfigError: It is no control.
    """
    words = str(value).split() if value is not None else []
    if not words:
        raise ConfigError(f"{path}:{line}: there is no {key}. Write one, such as `{key}: cc 21`.")
    if words[0] not in KINDS:
        raise ConfigError(f"{path}:{line}: {key} is {value!r}; {did_you_mean(words[0], KINDS)}")
    if key != "control" and len(words) > 2 and words[-2] == "channel":
        if words[-1] not in _CHANNELS:
            raise ConfigError(f"{path}:{line}: the channel is {words[-1]}; it goes from 1 to 16.")
        words, channel = words[:-2], int(words[-1])
    kind = next(k for k in KINDS if k == words[0])
    if kind == "osc":
        return _read_osc(words[1:], line, path)
    digits = words[1:] if kind not in _UNNUMBERED_KINDS else ["0", *words[1:]]
    highest = Control(kind).highest_number
    if len(digits) != 1 or not digits[0].isascii() or not digits[0].isdigit() or int(digits[0]) > highest:
        number = "nothing" if kind in _UNNUMBERED_KINDS else f"a number from 0 to {highest}"
        raise ConfigError(f"{path}:{line}: {key} is {value!r}; after {kind} comes {number}.")
    return Control(kind, channel, int(digits[0]))


def _read_osc(words: list[str], line: int, path: Path) -> Control:
    """Read an address and, counted from 0, which of its arguments."""
    highest = Control("osc").highest_number
    number = words[1] if len(words) == 2 else "0"
    fits = len(words) in (1, 2) and words[0].startswith("/") and number.isascii() and number.isdigit()
    if not fits or int(number) > highest or len(words[0]) > MAX_ADDRESS:
        raise ConfigError(
            f"{path}:{line}: after osc comes an address such as /1/fader3, then the number of one of its "
            f"arguments, 0 to {highest}, if that is not 0."
        )
    return Control("osc", ANY_CHANNEL, int(number), words[0])


def control_text(control: Control) -> str:
    """Return how a profile spells a control, without its channel."""
    if control.kind == "osc":
        return f"osc {control.address} {control.number}" if control.number else f"osc {control.address}"
    return control.kind if control.kind in _UNNUMBERED_KINDS else f"{control.kind} {control.number}"


def companion_text(control: Control, companion: Control) -> str:
    """Return how a profile spells what belongs to a control, with its channel where that is another one."""
    channel = f" channel {companion.channel}" if companion.channel != control.channel else ""
    return control_text(companion) + channel

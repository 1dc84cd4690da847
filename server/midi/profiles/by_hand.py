"""Bindings by name, without a file: what a control is to do, and the control, as a profile spells them."""

from pathlib import Path
from typing import Any

from core.errors import ConfigError
from core.nearest import did_you_mean
from server.midi.bindings.binding import Binding
from server.midi.bindings.command import COMMANDS
from server.midi.profiles.row import Row

__all__ = ["binding_by_hand", "what_by_hand"]

_NOWHERE = Path("message")


def binding_by_hand(what: str, control: str, instrument: str = "") -> Binding:
    """Return a binding from texts.

    Args:
        what: `macro 3`, `place x`, `preset NAME`, or a command such as `record`.
        control: Such as `cc 20`, with `channel 1` behind it for that channel only; then come other keys of a
            profile with their values, such as `takeover jump`.
        instrument: Identity or name; empty for whatever has the focus.

    Raises:
        ConfigError: One of them is not right.
    """
    words = control.split()
    n_words = 1 if words[:1] in (["pitch"], ["pressure"]) else 2
    if words[:1] == ["osc"] and len(words) > 2 and words[2].isdigit():
        n_words = 3
    entries: dict[str, Any] = {"control": " ".join(words[:n_words]), **_entry(what)}
    rest = words[n_words:]
    if len(rest) % 2:
        raise ConfigError(f"'{control}' is not understood. Write it as `cc 20 channel 1`.")
    for key, value in zip(rest[::2], rest[1::2], strict=True):
        if key not in ("channel", "sends", "takeover", "curve", "press", "invert", "low", "high"):
            raise ConfigError(f"there is no '{key}' of a control. Write it as `cc 20 channel 1`.")
        entries[key] = _plain(value)
    if instrument:
        entries["instrument"] = instrument
    try:
        return Row({key: (value, 1) for key, value in entries.items()}, _NOWHERE, 1).binding()
    except ConfigError as error:
        raise ConfigError(str(error).removeprefix(f"{_NOWHERE}:1: ")) from None


def what_by_hand(what: str) -> dict[str, Any]:
    """Return what a control is to do as attributes of a binding.

    Raises:
        ConfigError: There is no such thing.
    """
    control = {"macro": "cc 0", "place": "cc 0"}.get(what.split()[0] if what.split() else "", "note 0")
    binding = binding_by_hand(what, control)
    return {key: getattr(binding, key) for key in ("macro", "axis", "preset", "command")}


def _entry(what: str) -> dict[str, Any]:
    key, _, rest = what.strip().partition(" ")
    if key in ("macro", "place", "preset") and rest:
        return {key: rest if key == "preset" else _plain(rest)}
    if " ".join(what.lower().split()) in COMMANDS or key == "hold":
        return {"command": what}
    known = ["macro 0", "place x", "preset NAME", *COMMANDS]
    raise ConfigError(f"a control cannot do '{what}'; {did_you_mean(what, known)}")


def _plain(text: str) -> Any:
    """Return a number or truth as YAML would read it."""
    if text in ("true", "false"):
        return text == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            pass
    return text

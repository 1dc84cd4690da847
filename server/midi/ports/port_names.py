"""Which port is which: names that change with each plugging in, equal names, the two ends of one device."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from synths.external.midi_system import CLIENT, device_name

__all__ = ["PortKey", "free_name", "is_other_end", "matching_output", "port_keys"]

PortKey = tuple[str, int]  # name of a port, and which of those with that name

_DIRECTION = re.compile(r"(?<![a-z])(in|out|inputs?|outputs?|capture|playback|from|to)(?![a-z])")


def port_keys(names: Sequence[str], platform: str = sys.platform) -> list[PortKey]:
    """Return what tells ports apart for as long as they are there, in order.

    Windows ends each name with its number in the list, which changes when another port goes; macOS gives
    equal names to equal controllers; ALSA's and JACK's are all different.

    >>> port_keys(["nano", "nano"], "darwin"), port_keys(["nano 0", "pad 1", "nano 2"], "win32")
    ([('nano', 0), ('nano', 1)], [('nano', 0), ('pad', 0), ('nano', 1)])
    """
    seen: Counter[str] = Counter()
    keys = []
    for name in names:
        stem = device_name(name, platform) if platform == "win32" else name
        keys.append((stem, seen[stem]))
        seen[stem] += 1
    return keys


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return the name of a device: that of its port or, where that is taken, the next with a number.

    >>> free_name("nano", ["nano", "nano (2)"])
    'nano (3)'
    """
    taken, n, found = set(taken), 1, name
    while found in taken:
        n += 1
        found = f"{name} ({n})"
    return found


def is_other_end(name: str, other: str) -> bool:
    """Whether two ports belong to one device: their names differ in a word of direction at most."""
    return _undirected(device_name(name)) == _undirected(device_name(other))


def matching_output(device: str, outputs: Sequence[str], nth: int = 0) -> str | None:
    """Return the output of the controller whose input is called `device`, or None.

    That is the one of the same name, else the only one whose name differs in a word of direction
    (`capture` and `playback`, `in` and `out`). Of several with one name, it is as many on as the input is.

    >>> matching_output("nano MIDI 1", ["Synth", "nano MIDI 1 24:0"])
    'nano MIDI 1 24:0'
    >>> matching_output("system:midi_capture_2", ["system:midi_playback_1", "system:midi_playback_2"])
    'system:midi_playback_2'
    """
    named = [(device_name(name), name) for name in outputs if not name.startswith(CLIENT)]
    same = [name for stem, name in named if stem == device]
    alike = [name for stem, name in named if _undirected(stem) == _undirected(device)]
    if same:
        return same[min(nth, len(same) - 1)]
    return alike[0] if len(alike) == 1 else None


def _undirected(name: str) -> str:
    return _DIRECTION.sub("", name.lower())

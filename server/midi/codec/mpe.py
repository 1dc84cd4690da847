"""MPE: each note has a channel of its own, and of several that are held the newest counts.

Which channels are notes' own is said by the controller's configuration message. One that never sends it is
known by its playing: notes on two channels or more beside the first.

References:
    MIDI Polyphonic Expression 1.1 (MIDI Association, M1-100-UM): zones, member and manager channels.
"""

from dataclasses import dataclass

from server.midi.codec.control import ANY_CHANNEL, Control, Kind, Moved

__all__ = ["NO_NOTE", "Mpe", "Voice"]

_LOWER, _UPPER = 1, 16  # manager channels of the two zones
_MOST_MEMBERS = 15
_OF_A_NOTE: tuple[Kind, ...] = ("pitch", "pressure", "cc", "cc14")


@dataclass(frozen=True, slots=True)
class Voice:
    """The note whose control was moved.

    Attributes:
        strike: Its number, of all notes; 0 for what belongs to no note.
        before: Raw value that the control had on its channel before; None if it never said.
        resumed: Whether the note counts again, because a newer one was let go.
    """

    strike: int
    before: int | None = None
    resumed: bool = False


NO_NOTE = Voice(0)


@dataclass(slots=True)
class _Held:
    strike: int
    channel: int
    note: int
    resumed: bool = False


class Mpe:
    """Follows which notes of one controller are held, and which of them counts."""

    def __init__(self) -> None:
        self._members = {_LOWER: 0, _UPPER: 0}
        self._told = False  # it has said which channels are notes' own
        self._struck: set[int] = set()
        self._held: list[_Held] = []  # the newest last
        self._last: dict[Control, int] = {}
        self._n_strikes = 0

    def configure(self, manager: int, n_members: int) -> None:
        """Take a configuration message: so many channels beside channel 1 or 16 are notes' own.

        Where two zones would overlap, the newer one has the channels; none at all ends a zone.
        """
        other = _UPPER if manager == _LOWER else _LOWER
        n = min(n_members, _MOST_MEMBERS)
        self._told = True
        self._members = {manager: n, other: min(self._members[other], max(0, _MOST_MEMBERS - 1 - n))}
        self._held.clear()

    def take(self, moved: Moved) -> Voice | None:
        """Follow what has moved.

        Returns:
            The note that it belongs to; None where that note does not count, so neither does the control.
        """
        control = moved.control
        if control.kind == "note":
            self._note(control.channel, control.number, moved.raw > 0)
        if control.kind not in _OF_A_NOTE:
            return NO_NOTE
        before = self._last.get(control)
        self._last[control] = moved.raw
        if not self._is_a_notes_own(control.channel):
            return NO_NOTE
        newest = self._held[-1] if self._held else None
        if newest is None or newest.channel != control.channel:
            return None
        return Voice(newest.strike, before, newest.resumed)

    def _is_a_notes_own(self, channel: int) -> bool:
        if not self._told:
            return channel in self._struck and len(self._struck) > 1
        return 1 < channel <= 1 + self._members[_LOWER] or 16 - self._members[_UPPER] <= channel < 16

    def _note(self, channel: int, note: int, struck: bool) -> None:
        if channel in (ANY_CHANNEL, _LOWER) or (self._told and not self._is_a_notes_own(channel)):
            return
        newest = self._held[-1] if self._held else None
        self._held = [held for held in self._held if (held.channel, held.note) != (channel, note)]
        if struck:
            self._struck.add(channel)
            self._n_strikes += 1
            self._held.append(_Held(self._n_strikes, channel, note))
        elif self._held and self._held[-1] is not newest:
            self._held[-1].resumed = True

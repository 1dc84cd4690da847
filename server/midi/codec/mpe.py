"""MPE: each note has a channel of its own, and of several that are held the newest counts.

The controller's configuration message says which channels belong to notes. A controller that never sends
one is recognized by its playing: notes on two channels or more beside the first.

References:
    MIDI Polyphonic Expression 1.1 (MIDI Association, M1-100-UM): zones, member and manager channels.
"""

from dataclasses import dataclass

from server.midi.codec.control import ANY_CHANNEL, Control, ControlEvent, Kind

__all__ = ["NO_NOTE", "MpeNotes", "Voice"]

_LOWER, _UPPER = 1, 16  # manager channels of the two zones
_MAX_MEMBERS = 15
_PER_NOTE_KINDS: tuple[Kind, ...] = ("pitch", "pressure", "cc", "cc14")


@dataclass(frozen=True, slots=True)
class Voice:
    """The note that a control event belongs to.

    Attributes:
        strike: Counts the notes struck, from 1; 0 for an event that belongs to no note.
        raw_before: Raw value that the control had on its channel before; None if it never sent one.
        resumed: Whether the note counts again, because a newer one was let go.
    """

    strike: int
    raw_before: float | None = None
    resumed: bool = False


NO_NOTE = Voice(0)


@dataclass(slots=True)
class _HeldNote:
    strike: int
    channel: int
    note: int
    resumed: bool = False


class MpeNotes:
    """Follows which notes of one controller are held, and which of them counts."""

    def __init__(self) -> None:
        self._n_members = {_LOWER: 0, _UPPER: 0}
        self._is_configured = False  # by a configuration message
        self._played_channels: set[int] = set()
        self._held: list[_HeldNote] = []  # the newest last
        self._last_raw: dict[Control, float] = {}
        self._n_strikes = 0

    def configure(self, manager: int, n_members: int) -> None:
        """Apply a configuration message: so many channels beside channel 1 or 16 belong to notes.

        Where two zones would overlap, the newer one has the channels; no members end a zone.
        """
        other = _UPPER if manager == _LOWER else _LOWER
        n = min(n_members, _MAX_MEMBERS)
        self._is_configured = True
        self._n_members = {manager: n, other: min(self._n_members[other], max(0, _MAX_MEMBERS - 1 - n))}
        self._held.clear()

    def track(self, event: ControlEvent) -> Voice | None:
        """Follow an event.

        Returns:
            The note that it belongs to; None where that note does not count, so neither does the event.
        """
        control = event.control
        if control.kind == "note":
            self._track_note(control.channel, control.number, event.raw > 0)
        if control.kind not in _PER_NOTE_KINDS:
            return NO_NOTE
        raw_before = self._last_raw.get(control)
        self._last_raw[control] = event.raw
        if not self._is_note_channel(control.channel):
            return NO_NOTE
        newest = self._held[-1] if self._held else None
        if newest is None or newest.channel != control.channel:
            return None
        return Voice(newest.strike, raw_before, newest.resumed)

    def _is_note_channel(self, channel: int) -> bool:
        if not self._is_configured:
            return channel in self._played_channels and len(self._played_channels) > 1
        n_members = self._n_members
        return 1 < channel <= 1 + n_members[_LOWER] or 16 - n_members[_UPPER] <= channel < 16

    def _track_note(self, channel: int, note: int, struck: bool) -> None:
        if channel in (ANY_CHANNEL, _LOWER) or (self._is_configured and not self._is_note_channel(channel)):
            return
        newest = self._held[-1] if self._held else None
        self._held = [held for held in self._held if (held.channel, held.note) != (channel, note)]
        if struck:
            self._played_channels.add(channel)
            self._n_strikes += 1
            self._held.append(_HeldNote(self._n_strikes, channel, note))
        elif self._held and self._held[-1] is not newest:
            self._held[-1].resumed = True

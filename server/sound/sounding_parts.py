"""The built-in instrument put together from the options of the server."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ConfigError
from server.instrument.instrument import Instrument
from server.sound.midi_keys import MidiKeys
from server.sound.sound import Sound
from server.sound.sound_link import SoundLink

if TYPE_CHECKING:
    from server.midi.ports.input_ports import InputPorts

__all__ = ["SoundingParts"]


class SoundingParts:
    """The instrument, its process and its keyboards.

    Args:
        wake: Makes the loop look; it must be thread-safe.
        speakers: Whether it plays through this computer's speakers.
        at_once: Whether it is started with the server, and not by the first listener.
        plugin: Path of a plug-in that plays instead of the engine; empty for none.
        keyboards: Parts of the names of MIDI keyboards; empty for all, None for none.
        midi_system: As for `InputPorts`.
        prefer: As for `SoundLink`.

    Attributes:
        sound: What the loop plays.

    Raises:
        ConfigError: There is no such plug-in.
        DeviceError: There is no MIDI system.
    """

    def __init__(
        self,
        wake: Callable[[], None],
        speakers: bool,
        at_once: bool,
        plugin: str,
        keyboards: Sequence[str] | None,
        midi_system: str | None,
        prefer: Callable[[], object],
    ) -> None:
        if plugin and not Path(plugin).expanduser().exists():
            raise ConfigError(f"--play-through: there is no plug-in at {plugin}.")
        self._at_once = speakers or at_once
        self._link = SoundLink(wake, prefer)
        keys = None if keyboards is None else MidiKeys(wake)
        self._ports = None if keys is None else _ports(keyboards or (), keys, midi_system)
        path = str(Path(plugin).expanduser().resolve()) if plugin else ""
        self.sound = Sound(self._link, speakers, path, keys)

    def start(self, instrument: Instrument) -> None:
        """Sound, if that is wanted from the start, and listen to keyboards."""
        if self._at_once:
            self.sound.start(instrument)
        if self._ports is not None:
            self._ports.start()

    def stop(self) -> None:
        """End the process, and close the ports."""
        if self._ports is not None:
            self._ports.stop()
        self._link.stop()


def _ports(wanted: Sequence[str], keys: MidiKeys, system: str | None) -> "InputPorts":
    from server.midi.ports.input_ports import InputPorts  # without keyboards, no MIDI library is needed

    return InputPorts(wanted, keys, system)

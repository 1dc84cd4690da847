"""How the server is started."""

from dataclasses import dataclass
from pathlib import Path

from synths.external.control_changes import Spelling

__all__ = ["MidiOut", "Options"]


@dataclass(frozen=True, kw_only=True)
class MidiOut:
    """A synth outside that plays an instrument's frames.

    Attributes:
        port: Part of the name of a MIDI output, or the name of one to be made.
        instrument: Identity or name of the instrument; empty for whatever has the focus.
        spelling: How values are sent.
        channel: 1 to 16.
    """

    port: str
    instrument: str = ""
    spelling: Spelling = "cc"
    channel: int = 1


@dataclass(frozen=True, kw_only=True)
class Options:
    """How the server is started.

    Attributes:
        model: Name of a pretrained model, or a model folder.
        host: IPv4 address to listen on.
        port: UDP port to listen on.
        allow_remote: What programs on other machines may do besides playing; see `server.osc.permissions`.
        reply_port: Port of senders that never said where they listen.
        backend: One of `models.backends.BACKENDS`.
        data: Folder for presets, exports and sketches; None for the system's own place.
        presets: Folders of people's own presets.
        seed: For variations; None for others each time.
        midi: Parts of the names of MIDI inputs to listen to; empty for all, None for none.
        midi_out: MIDI outputs for the frames.
        midi_din: Whether they go through five-pin cables, which are slow.
        midi_system: Such as `jack`; None for the first that works.
        oscquery: TCP port of the page that tells other programs of the server; 0 for any, None for none.
        microphone: Name of an audio input, part of it or its number; empty for the one used last.
        refine_seconds: How long answers to sketches are made better.
        audition: Whether the built-in instrument plays through this computer's speakers.
        heard_soon: Whether a browser is opened that listens to it.
        play_through: Path of a plug-in that it plays instead of the engine; empty for none.
        midi_keys: Parts of the names of MIDI keyboards that play it; empty for all, None for none.
        as_trained: Whether macros stay as they were trained, whatever was measured of them.
    """

    model: str = "vital-32"
    host: str = "127.0.0.1"
    port: int = 9130
    allow_remote: frozenset[str] = frozenset()
    reply_port: int = 9131
    backend: str = "auto"
    data: Path | None = None
    presets: tuple[Path, ...] = ()
    seed: int | None = None
    midi: tuple[str, ...] | None = None
    midi_out: tuple[MidiOut, ...] = ()
    midi_din: bool = False
    midi_system: str | None = None
    oscquery: int | None = None
    microphone: str = ""
    refine_seconds: float = 10.0
    audition: bool = False
    heard_soon: bool = False
    play_through: str = ""
    midi_keys: tuple[str, ...] | None = None
    as_trained: bool = False

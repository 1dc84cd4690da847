"""Start the bridge between OSC clients and a trained model.

python run_server.py --model vital-32

`uv run run_server.py` and `pipx run run_server.py` fetch what is listed here, as in requirements-play.txt.
"""

# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = [
#     "av>=14,<20",
#     "mido>=1.3.3,<2",
#     "nicegui>=3.18,<4",
#     "numpy>=2.1,<3",
#     "onnx>=1.19,<2",
#     "onnxruntime>=1.22,<2",
#     "pedalboard>=0.9.26,<0.10",
#     "python-osc>=1.10.2,<2",
#     "python-rtmidi>=1.5.8,<2",
#     "pyyaml>=6.0.2,<7",
#     "safetensors>=0.6,<1",
#     "scipy>=1.14,<2",
#     "sounddevice>=0.5.2,<1",
#     "soundfile>=0.13,<1",
#     "soxr>=0.5,<2",
#     "swift-f0>=0.3,<0.4",
#     "threadpoolctl>=3.5,<4",
#     "tqdm>=4.67,<5",
#     "vita>=0.1.0,<0.2",
#     "zeroconf>=0.147,<1",
# ]
# ///

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import core.startup.missing_packages  # noqa: F401  # before what may be missing
from core.command import log_to_terminal, print_line, tell
from core.errors import BridgeError, ConfigError

# All else is imported by the functions: each process that the server starts imports this file anew.
if TYPE_CHECKING:
    from server.observing import MakeObserver
    from server.options import MidiOut, Options
    from server.running.panel_process import PanelProcess


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    from server.command_line import add_options

    p = argparse.ArgumentParser(
        usage="run_server.py [options]",
        description="Play a trained model from the browser, Live, MIDI, or any program that speaks OSC. "
        "Ctrl-C stops it.",
        epilog="To play in the browser: python run_server.py --panel --open",
    )
    add_options(p)
    return p


def _options(given: argparse.Namespace) -> "Options":
    from server.options import Options

    wants_sound = given.midi_keys is not None or given.play_through != ""
    browser = given.panel or given.open  # it is heard there, unless the speakers are asked for
    return Options(
        model=given.model,
        host="127.0.0.1" if given.host == "localhost" else given.host,
        port=given.port,
        allow_remote=frozenset(given.allow_remote),
        reply_port=given.reply_port,
        backend=given.backend,
        data=given.data,
        presets=tuple(given.presets),
        seed=given.seed,
        midi=None if given.midi is None else tuple(given.midi),
        midi_out=_midi_outs(given),
        midi_din=given.midi_din,
        midi_system=given.midi_system,
        oscquery=given.oscquery,
        microphone=given.microphone,
        audition=given.audition or (wants_sound and not browser),
        heard_soon=given.open,
        play_through=given.play_through,
        midi_keys=None if given.midi_keys is None else tuple(given.midi_keys),
        as_trained=given.as_trained,
        refine_seconds=min(max(given.refine, 0.0), 600.0),
    )


def _midi_outs(given: argparse.Namespace) -> "tuple[MidiOut, ...]":
    """Return the MIDI outputs: the port, then the instrument behind the last `=`.

    Raises:
        ConfigError: An option was given for some of them only.
    """
    from server.options import MidiOut

    spellings = _each(given, "midi_out_as", MidiOut.spelling)
    channels = _each(given, "midi_channel", MidiOut.channel)
    outs = []
    for text, spelling, channel in zip(given.midi_out, spellings, channels, strict=True):
        port, _, instrument = text.rpartition("=") if "=" in text else (text, "", "")
        outs.append(MidiOut(port=port, instrument=instrument, spelling=spelling, channel=channel))
    return tuple(outs)


def _each(given: argparse.Namespace, key: str, default: Any) -> list[Any]:
    """Return the value of an option for each MIDI output."""
    values, n = getattr(given, key) or [default], len(given.midi_out)
    if len(values) not in (1, n):
        flag = f"--{key.replace('_', '-')}"
        raise ConfigError(
            f"{flag} is given {len(values)} times, for {n} of --midi-out. Give it once, or for each."
        )
    return values if len(values) == n else values * n


def _list_microphones() -> int:
    from calibration.input_device import inputs_as_text, list_inputs  # loads PortAudio

    try:
        print_line(inputs_as_text(list_inputs()))
    except BridgeError as error:
        print_line(f"run_server.py: {error}", file=sys.stderr)
        return 2
    return 0


def _audition(given: argparse.Namespace) -> "MakeObserver | None":
    folder: Path | None = given.audition_to
    if folder is None:
        return None
    from server.audition.audition import make_audition  # only needed with audition

    return lambda space: make_audition(space, folder)


def _panel(given: argparse.Namespace) -> "PanelProcess | None":
    if not (given.panel or given.open):
        return None
    from server.running.panel_process import PanelProcess

    reached = "127.0.0.1" if given.host in ("localhost", "0.0.0.0") else given.host
    options = ["--server-host", reached, "--server-port", str(given.port), "--host", given.panel_host]
    if given.panel_port is not None:
        options += ["--port", str(given.panel_port)]
    if given.data is not None:
        options += ["--data", str(given.data.expanduser().absolute())]
    if os.path.isdir(given.model):
        options += ["--model-folder", str(Path(given.model).resolve())]
    return PanelProcess([*options, *(["--open"] if given.open else [])], tell)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 after a clean stop, 1 if something is not saved, 2 for a user's mistake."""
    given = parser().parse_args(arguments)
    log_to_terminal(logging.DEBUG if given.verbose else logging.WARNING, "%(levelname)s %(message)s")
    if given.list_models:
        from models.installed import PRETRAINED, list_models

        print_line("\n".join(list_models()) or f"no models in {PRETRAINED}")
        return 0
    if given.list_microphones:
        return _list_microphones()
    panel: PanelProcess | None = None
    try:
        from server.start import serve

        panel = _panel(given)
        saved = serve(_options(given), tell, _audition(given), panel)
    except BridgeError as error:
        line = " ".join(str(error).split())  # YAML's errors have several
        print_line(f"run_server.py: {line}", file=sys.stderr)
        return 2
    finally:
        if panel is not None:
            panel.stop()
    return 0 if saved else 1


if __name__ == "__main__":
    sys.exit(main())

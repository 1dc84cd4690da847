"""The options of `run_server.py`."""

import argparse
from pathlib import Path

from models.backends import BACKENDS
from server.options import MidiOut, Options
from server.osc.hosts.ports import LOWEST_PORT
from server.osc.permissions import REMOTE
from synths.external.control_changes import SPELLINGS

__all__ = ["add_options"]

_Group = argparse._ArgumentGroup


def add_options(p: argparse.ArgumentParser) -> None:
    """Add every option, in groups, to the parser of the command line."""
    defaults = Options()
    p.add_argument("-v", "--verbose", action="store_true", help="log every message and decision")
    _add_panel(p.add_argument_group("panel", "A page to play in the browser."))
    _add_sound(p.add_argument_group("sound", "Vital's own engine plays here; no plug-in is needed."))
    _add_midi(p.add_argument_group("MIDI", "NAME is any part of a port's name, in either case."))
    _add_sketches(p.add_argument_group("sketches", "Sing a sound, and get patches for it."), defaults)
    _add_model(p.add_argument_group("model", "What is played."), defaults)
    _add_network(p.add_argument_group("network", "Where clients reach the server."), defaults)


def _add_model(p: _Group, defaults: Options) -> None:
    p.add_argument(
        "--model",
        default=defaults.model,
        help="name of an installed model, or a model's folder (%(default)s)",
    )
    p.add_argument("--list-models", action="store_true", help="list the installed models and exit")
    p.add_argument(
        "--backend",
        choices=BACKENDS,
        default=defaults.backend,
        help="what computes the patch; auto measures them and takes the fastest (%(default)s)",
    )
    p.add_argument(
        "--presets",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of your own Vital presets, beside Vital's own; may be given several times",
    )
    p.add_argument("--as-trained", action="store_true", help="ignore what calibration.macros measured")
    p.add_argument("--seed", type=int, help="number that makes variations repeatable")
    p.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="folder for presets, exports and settings (default: the user's data folder)",
    )


def _add_panel(p: _Group) -> None:
    p.add_argument("--panel", action="store_true", help="serve the page, and print its address")
    p.add_argument("--open", action="store_true", help="open the page in this computer's browser")
    p.add_argument(
        "--panel-port", type=_port, metavar="PORT", help="TCP port of the page (default: 9140, or a free one)"
    )
    p.add_argument(
        "--panel-host",
        metavar="HOST",
        default="127.0.0.1",
        help="address of the page; 0.0.0.0 lets tablets in (%(default)s)",
    )


def _add_sound(p: _Group) -> None:
    p.add_argument(
        "--audition",
        action="store_true",
        help="play the built-in instrument through this computer's speakers: keys, and a note of each patch",
    )
    p.add_argument(
        "--audition-to", type=Path, metavar="FOLDER", help="write a note of each patch to a WAV file"
    )
    p.add_argument(
        "--play-through",
        default="",
        metavar="PATH",
        help="play your own plug-in (VST3) instead of the engine",
    )
    p.add_argument(
        "--midi-keys",
        nargs="*",
        metavar="NAME",
        help="let MIDI keyboards play it: those named, or without a NAME all inputs",
    )


def _add_midi(p: _Group) -> None:
    p.add_argument(
        "--midi",
        nargs="*",
        metavar="NAME",
        help="let macros learn knobs and faders: those of the inputs named, or without a NAME of all",
    )
    p.add_argument(
        "--midi-out",
        action="append",
        default=[],
        metavar="NAME[=INSTRUMENT]",
        help="send frames to a MIDI output, created if missing: those of an instrument, or of whichever has "
        "the focus; may be given several times",
    )
    p.add_argument(
        "--midi-out-as",
        action="append",
        choices=SPELLINGS,
        help="how values are sent: controllers of 7 or 14 bits, or NRPN; once, or once for each output "
        f"({MidiOut.spelling})",
    )
    p.add_argument(
        "--midi-channel",
        action="append",
        type=int,
        choices=range(1, 17),
        metavar="1..16",
        help=f"channel of the MIDI output; once, or once for each ({MidiOut.channel})",
    )
    p.add_argument("--midi-din", action="store_true", help="send no faster than a five-pin cable can carry")
    p.add_argument(
        "--midi-system", metavar="NAME", help="MIDI system, such as jack (default: the first that works)"
    )


def _add_sketches(p: _Group, defaults: Options) -> None:
    p.add_argument(
        "--microphone",
        default="",
        metavar="NAME[:CHANNEL]",
        help="name or number, and the input of an interface (default: the last one used, whichever input is "
        "live)",
    )
    p.add_argument("--list-microphones", action="store_true", help="list the microphones and exit")
    p.add_argument(
        "--refine",
        type=float,
        default=defaults.refine_seconds,
        metavar="SECONDS",
        help="how long answers to sketches are improved (%(default)s)",
    )


def _add_network(p: _Group, defaults: Options) -> None:
    p.add_argument(
        "--host",
        default=defaults.host,
        help="address to listen on; 0.0.0.0 lets other computers play (%(default)s)",
    )
    p.add_argument("--port", type=_port, default=defaults.port, help="UDP port to listen on (%(default)s)")
    allowed = "; ".join(f"{name}: {text}" for name, text in REMOTE.items())
    p.add_argument(
        "--allow-remote",
        nargs="+",
        choices=REMOTE,
        default=[],
        metavar="WHAT",
        help=f"what other computers may do besides playing, where --host lets them in ({allowed})",
    )
    p.add_argument(
        "--reply-port",
        type=_reply_port,
        metavar="PORT",
        default=defaults.reply_port,
        help="UDP port of clients that never said hello (%(default)s)",
    )
    p.add_argument(
        "--oscquery",
        type=int,
        nargs="?",
        const=0,
        choices=range(65_536),
        metavar="PORT",
        help="let TouchOSC, Open Stage Control and Chataigne find the macros (OSCQuery, mDNS)",
    )


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError("a port is 1 to 65535")
    return port


def _reply_port(text: str) -> int:
    port = _port(text)
    if port < LOWEST_PORT:
        raise argparse.ArgumentTypeError(f"a port below {LOWEST_PORT} belongs to a service of the system")
    return port

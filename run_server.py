"""Start the bridge between OSC clients and a trained model.

python run_server.py --model vital-32
"""

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

from core.errors import BridgeError, ConfigError
from models.backends import BACKENDS
from models.installed import PRETRAINED, list_models
from server.observing import MakeObserver
from server.options import MidiOut, Options
from server.osc.permissions import REMOTE
from server.osc.ports import LOWEST_PORT
from server.running.panel_process import PanelProcess
from server.start import serve
from synths.external.control_changes import SPELLINGS


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    defaults = Options()
    p = argparse.ArgumentParser(description="Play a trained model over OSC; Ctrl-C stops it.")
    p.add_argument("--model", default=defaults.model, help="name or folder (%(default)s)")
    p.add_argument("--list-models", action="store_true", help="list the models and exit")
    p.add_argument("--host", default=defaults.host, help="address to listen on (%(default)s)")
    p.add_argument("--port", type=_port, default=defaults.port, help="UDP port (%(default)s)")
    allowed = "; ".join(f"{name}: {text}" for name, text in REMOTE.items())
    p.add_argument(
        "--allow-remote",
        nargs="+",
        choices=REMOTE,
        default=[],
        metavar="WHAT",
        help=f"what programs on other machines may do besides playing, where --host lets them in ({allowed})",
    )
    p.add_argument(
        "--reply-port",
        type=_reply_port,
        default=defaults.reply_port,
        help="port of clients that never said hello (%(default)s)",
    )
    p.add_argument("--backend", choices=BACKENDS, default=defaults.backend, help="(%(default)s)")
    p.add_argument(
        "--data",
        type=Path,
        help="folder for presets and exports (default: the user's data folder)",
    )
    p.add_argument("--seed", type=int, help="makes variations repeatable")
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
        "--midi-keys", nargs="*", metavar="NAME", help="MIDI keyboards that play it (default: all inputs)"
    )
    p.add_argument("--midi", nargs="*", metavar="NAME", help="MIDI inputs to listen to (default: all)")
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
        help=f"once, or once for each output ({MidiOut.spelling})",
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
        "--oscquery",
        type=int,
        nargs="?",
        const=0,
        choices=range(65_536),
        metavar="PORT",
        help="let TouchOSC, Open Stage Control and Chataigne find the macros (OSCQuery, mDNS)",
    )
    p.add_argument(
        "--midi-system", metavar="NAME", help="such as jack (default: the first MIDI system that works)"
    )
    p.add_argument("--panel", action="store_true", help="serve a page to play in the browser")
    p.add_argument("--panel-port", type=_port, help="TCP port of the page (default: 9140, or a free one)")
    p.add_argument("--panel-host", default="127.0.0.1", help="address of the page (%(default)s)")
    p.add_argument("--open", action="store_true", help="open the page in this computer's browser")
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
    p.add_argument("--as-trained", action="store_true", help="ignore what calibration.macros measured")
    p.add_argument("-v", "--verbose", action="store_true", help="log more")
    return p


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


def _options(given: argparse.Namespace) -> Options:
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
        seed=given.seed,
        midi=None if given.midi is None else tuple(given.midi),
        midi_out=_midi_outs(given),
        midi_din=given.midi_din,
        midi_system=given.midi_system,
        oscquery=given.oscquery,
        microphone=given.microphone,
        audition=given.audition or (wants_sound and not browser),
        play_through=given.play_through,
        midi_keys=None if given.midi_keys is None else tuple(given.midi_keys),
        as_trained=given.as_trained,
        refine_seconds=min(max(given.refine, 0.0), 600.0),
    )


def _midi_outs(given: argparse.Namespace) -> tuple[MidiOut, ...]:
    """Return the MIDI outputs: the port, then the instrument behind the last `=`.

    Raises:
        ConfigError: An option was given for some of them only.
    """
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
        print(inputs_as_text(list_inputs()))
    except BridgeError as error:
        print(f"run_server.py: {error}", file=sys.stderr)
        return 2
    return 0


def _audition(given: argparse.Namespace) -> MakeObserver | None:
    folder: Path | None = given.audition_to
    if folder is None:
        return None
    from server.audition.audition import make_audition  # only needed with audition

    return lambda space: make_audition(space, folder)


def _panel(given: argparse.Namespace) -> PanelProcess | None:
    if not (given.panel or given.open):
        return None
    reached = "127.0.0.1" if given.host in ("localhost", "0.0.0.0") else given.host
    options = ["--server-host", reached, "--server-port", str(given.port), "--host", given.panel_host]
    if given.panel_port is not None:
        options += ["--port", str(given.panel_port)]
    if given.data is not None:
        options += ["--data", str(given.data.expanduser().absolute())]
    if Path(given.model).is_dir():
        options += ["--model-folder", str(Path(given.model).resolve())]
    return PanelProcess([*options, *(["--open"] if given.open else [])], _say)


def _say(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 after a clean stop, 1 if something is not saved, 2 for a user's mistake."""
    given = parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.DEBUG if given.verbose else logging.WARNING,
        format="%(levelname)s %(message)s",
        stream=sys.stderr,
    )
    if given.list_models:
        print("\n".join(list_models()) or f"no models in {PRETRAINED}")
        return 0
    if given.list_microphones:
        return _list_microphones()
    panel: PanelProcess | None = None

    def say(line: str) -> None:
        _say(line)
        if panel is not None:  # only now, so that it does not delay the start of the server
            panel.start()

    try:
        panel = _panel(given)
        saved = serve(_options(given), say, _audition(given), panel)
    except BridgeError as error:
        line = " ".join(str(error).split())  # YAML's errors have several
        print(f"run_server.py: {line}", file=sys.stderr)
        return 2
    finally:
        if panel is not None:
            panel.stop()
    return 0 if saved else 1


if __name__ == "__main__":
    sys.exit(main())

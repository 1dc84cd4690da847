"""amsynth as an external synth: connected by nothing but MIDI in and audio out.

    python -m benchmarks.amsynth_box COMMAND ...

runs a command while such a box is there, under a JACK server without hardware; the box is called `box`.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import monotonic, sleep

from benchmarks.rig.dummy_jack import dummy_jack
from core.command import exit_status
from core.errors import DeviceError
from core.space import ParameterSpace
from synths.amsynth_bank import BankPreset, write_bank
from synths.amsynth_controls import controls
from synths.space_files import load_space

__all__ = ["NAME", "amsynth_box"]

NAME = "box"
_PATIENCE_S = 15.0


@contextlib.contextmanager
def amsynth_box(space: ParameterSpace, home: Path, name: str = NAME) -> Iterator[subprocess.Popen[bytes]]:
    """Run amsynth under the JACK server of the environment until the end of the block.

    It responds to the controllers of a space, and starts with that space's base patch.

    Args:
        space: A space of amsynth.
        home: Folder for its settings; the user's own are not touched.
        name: Name of its ports.

    Raises:
        DeviceError: amsynth is not installed or does not start.
    """
    if shutil.which("amsynth") is None:
        raise DeviceError("amsynth is not installed: sudo apt install amsynth")
    settings, data, bank = home / "config" / "amsynth", home / "data" / "amsynth", home / "base.bank"
    for folder in (settings, data):
        folder.mkdir(parents=True, exist_ok=True)
    names = {parameter.control_change: parameter.name for parameter in space}
    # One name per line, for each controller from 0; an unknown name means no control.
    (settings / "controllers").write_text("".join(f"{names.get(n, 'null')}\n" for n in range(128)))
    write_bank(bank, [BankPreset("Base", bank.name, {n: c.base for n, c in controls().items()})])
    environment = os.environ | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(settings.parent),
        "XDG_DATA_HOME": str(data.parent),
    }
    command = ["amsynth", "-x", "-a", "jack", "-m", "jack", "-b", str(bank), "-P", "0", "-n", name]
    command += ["--jack_autoconnect=false"]
    box = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home
    )
    try:
        deadline = monotonic() + _PATIENCE_S
        while f"{name}:midi_in" not in _ports():
            if monotonic() > deadline or box.poll() is not None:
                raise DeviceError("amsynth does not start. Try it by hand: amsynth -x -a jack -m jack")
            sleep(0.1)
        yield box
    finally:
        box.send_signal(signal.SIGINT)  # on SIGTERM it does not leave JACK cleanly
        try:
            box.wait(5)
        except subprocess.TimeoutExpired:
            box.kill()
            box.wait()


def _ports() -> list[str]:
    return subprocess.run(["jack_lsp"], capture_output=True, text=True).stdout.split("\n")


def main(command: list[str]) -> int:
    """Run a command beside the box, and return its exit status."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    return exit_status(partial(_run, command))


def _run(command: list[str]) -> int:
    with dummy_jack(44_100, 1_024), tempfile.TemporaryDirectory() as home:
        with amsynth_box(load_space("amsynth-16"), Path(home)):
            return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Whether an external synth, played by a model that was trained on it, sounds as the model predicts.

    python -m benchmarks.amsynth_box python -m benchmarks.box_served --model FOLDER [--count 24]

The server plays standalone amsynth. A client loads presets and turns macros; what the synth then plays is
compared with renders of the server's frames.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.amsynth_box import NAME
from benchmarks.rig.server_process import free_port, our_server
from core.command import exit_status
from core.distances import log_mel_distance
from core.errors import BridgeError
from core.mel import MelConfig, log_mel
from models.folder import ModelFolder
from server.client import Client
from synths.catalog import load_engine
from synths.engine import Note
from synths.external.synth import ExternalSynth, Wiring
from training.data.record import leveled

_NOTE = Note(held_seconds=1.0, seconds=1.5)
_PATIENCE_S = 5.0
_REST_S = 0.6  # until a patch has arrived, including the second time it is sent


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.box_served", description=__doc__.split("\n")[0])
    p.add_argument("--model", type=Path, required=True, help="model folder that evaluation.packaging wrote")
    p.add_argument("--count", type=int, default=24, help="number of macros to turn (%(default)s)")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    model = ModelFolder.load(options.model)
    frames, heard = _play(model, options.count)
    _compare(model, frames, heard)


def _play(model: ModelFolder, count: int) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Turn macros, and return the server's frames and what the synth then plays."""
    rng = np.random.default_rng(0)
    wiring = Wiring(midi_port=NAME, audio_input=NAME, midi_system="jack")
    out = ("--midi-out", NAME, "--midi-system", "jack")
    frames, heard = [], []
    with (
        our_server(free_port(), str(model.path), *out) as (_, client),
        ExternalSynth(model.space, wiring) as synth,
    ):
        for n in range(count):
            client.hello()  # the server forgets clients that stay silent
            if n % 4 == 0:
                client.send("/flow/preset/load", str(rng.choice(model.presets.names)))
            client.send("/flow/macro", int(rng.integers(len(model.macros))), float(rng.uniform()))
            frames.append(_last_frame(client))
            heard.append(synth.record_note(_NOTE))
    return frames, heard


def _last_frame(client: Client) -> np.ndarray:
    """Return the last frame that arrives while nothing else is turned."""
    values = newer = client.wait_for("/flow/params", _PATIENCE_S)
    while newer is not None:
        values, newer = newer, client.wait_for("/flow/params", _REST_S)
    if values is None:
        raise BridgeError("the server sends no frames. Check that it runs.")
    return np.array(values[1:], np.float32)


def _compare(model: ModelFolder, frames: list[np.ndarray], heard: list[np.ndarray]) -> None:
    mel, engine = MelConfig(), load_engine(model.space)
    rendered = [engine.render(model.space.decode(frame), _NOTE) for frame in frames]
    pairs = [
        (leveled(a, mel.sample_rate), leveled(b, mel.sample_rate))
        for a, b in zip(heard, rendered, strict=True)
    ]
    mels = [(log_mel(a, mel), log_mel(b, mel)) for a, b in pairs if a is not None and b is not None]
    table = np.array([[log_mel_distance(a, b) for _, b in mels] for a, _ in mels])
    own, n = np.diag(table), len(mels)
    nearest = np.mean(np.argmin(table, axis=1) == np.arange(n))
    print(
        f"{n} of {len(frames)} turns were heard; log-mel distance at equal loudness, dB, median (90th "
        "percentile)\n"
        f"to the render of the server's frame   {np.median(own):6.2f} ({np.percentile(own, 90):.2f})\n"
        f"to renders of the other frames        {np.median(table[~np.eye(n, dtype=bool)]):6.2f}\n"
        f"its own frame is the nearest for {nearest:.0%}"
    )


if __name__ == "__main__":
    sys.exit(main())

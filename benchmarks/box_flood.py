"""Flood an external synth with control changes, and check from a recording that it ends with the right patch.

    python -m benchmarks.box_flood [--seconds 10]

amsynth runs standalone under a JACK server without hardware. Frames are sent to it as the server sends them,
as fast as they are accepted. Then it plays a note, and the recording is compared with renders of the last
patch and of the one before. After that it is taken away, flooded on, and started again with its first patch;
it must then have the newest one.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter, sleep

import numpy as np

from benchmarks.amsynth_box import NAME, amsynth_box
from benchmarks.rig.dummy_jack import dummy_jack
from calibration.audibility import audible_db
from core.command import exit_status
from core.distances import log_mel_distance
from core.errors import BridgeError
from core.mel import MelConfig, log_mel
from core.space import ParameterSpace
from server.midi.ports.frame_output import FrameOutput
from synths.catalog import load_engine
from synths.engine import Note
from synths.external.control_changes import PendingChanges
from synths.external.synth import ExternalSynth, Wiring
from synths.space_files import load_space
from training.data.bank_patches import BankPatches
from training.data.record import leveled

__all__ = ["FloodResult", "flood_box"]

_NOTE = Note(held_seconds=1.0, seconds=1.5)
_FRAME_S = 0.0005  # between frames; each changes most of the controls
_DRAINED_S = 1.0
_BACK_S = 2.5  # the output looks for its port every second
_SPACE = "amsynth-16"
_CANDIDATES = 12


@dataclass(frozen=True)
class FloodResult:
    """What was heard after a flood.

    Attributes:
        n_frames: Number of frames sent.
        own_db: Log-mel distance at equal loudness to the render of the last patch.
        other_db: Log-mel distance to that of the patch before.
    """

    n_frames: int
    own_db: float
    other_db: float


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.box_flood", description=__doc__.split("\n")[0])
    p.add_argument("--seconds", type=float, default=10.0, help="length of each flood (%(default)s)")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument(
        "--hear", type=Path, help=argparse.SUPPRESS
    )  # in a process of its own, as the audio library requires
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    if options.hear is not None:
        print(json.dumps(_hear(load_space(_SPACE), np.load(options.hear))))
        return
    with dummy_jack(44_100, 1_024), tempfile.TemporaryDirectory() as home:
        flooded, again = flood_box(Path(home), options.seconds, options.seed)
    print("log-mel distance of the recording, dB, at equal loudness, to renders of\n")
    print("| after | frames | its last patch | the one before |\n| --- | --: | --: | --: |")
    for when, heard in (("a flood", flooded), ("a flood while it was gone", again)):
        print(f"| {when} | {heard.n_frames:,} | {heard.own_db:.2f} | {heard.other_db:.2f} |")


def flood_box(home: Path, seconds: float, seed: int = 0) -> tuple[FloodResult, FloodResult]:
    """Flood a box and record it; take it away, flood on, bring it back, and record it again.

    Args:
        home: Folder for the box and for temporary files.
        seconds: Length of each flood.
        seed: Seed of the patches.

    Raises:
        BridgeError: The box does not start, or is silent.
    """
    space = load_space(_SPACE)
    patches = BankPatches.from_banks(space, [], seed=seed, shard_size=16).test
    rng = np.random.default_rng(seed)
    ends = _unlike(space, rng.permutation(patches)[:_CANDIDATES])
    with amsynth_box(space, home / "first"):
        output = FrameOutput(NAME, system="jack", audible=audible_db)
        try:
            flooded = [*_flood(output, space, patches, rng, seconds), *_last(output, space, ends)]
            sleep(_DRAINED_S)
            first = _heard(home, flooded)
        except BaseException:
            output.stop()
            raise
    try:
        flooded = [*_flood(output, space, patches, rng, seconds), *_last(output, space, ends[::-1])]
        with amsynth_box(space, home / "second"):
            sleep(_BACK_S)
            return first, _heard(home, flooded)
    finally:
        output.stop()


def _flood(
    output: FrameOutput, space: ParameterSpace, patches: np.ndarray, rng: np.random.Generator, seconds: float
) -> list[np.ndarray]:
    """Send frames for some seconds, and return them in order."""
    sent: list[np.ndarray] = []
    end = perf_counter() + seconds
    while perf_counter() < end:
        sent.append(patches[rng.integers(len(patches))])
        output.frame(space, sent[-1])
        sleep(_FRAME_S)
    return sent


def _last(output: FrameOutput, space: ParameterSpace, ends: np.ndarray) -> list[np.ndarray]:
    """Send the two frames that a flood ends with."""
    for patch in ends:
        output.frame(space, patch)
        sleep(_FRAME_S)
    return list(ends)


def _unlike(space: ParameterSpace, patches: np.ndarray) -> np.ndarray:
    """Return the two audible patches that sound least alike, so that they can be told apart."""
    mel = MelConfig()
    engine = load_engine(space, mel.sample_rate)
    sounds = [leveled(engine.render(space.decode(patch), _NOTE), mel.sample_rate) for patch in patches]
    heard = [(k, log_mel(sound, mel)) for k, sound in enumerate(sounds) if sound is not None]
    pairs = [(log_mel_distance(a, b), j, k) for j, a in heard for k, b in heard if j < k]
    _, j, k = max(pairs)
    return patches[[j, k]]


def _heard(home: Path, sent: list[np.ndarray]) -> FloodResult:
    path = home / "patches.npy"
    np.save(path, np.stack(sent[-2:]))
    command = [sys.executable, "-m", "benchmarks.box_flood", "--hear", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise BridgeError(done.stderr.strip().split("\n")[-1])
    other, own = json.loads(done.stdout)
    return FloodResult(len(sent), own, other)


def _hear(space: ParameterSpace, patches: np.ndarray) -> list[float]:
    """Play a note on the box as it is, and return the distances to renders of patches."""
    mel = MelConfig()
    with ExternalSynth(space, Wiring(midi_port=NAME, audio_input=NAME, midi_system="jack")) as synth:
        audio = synth.record_note(_NOTE)
    engine = load_engine(space, mel.sample_rate)
    held = PendingChanges(space, "cc").rounded(patches)
    sounds = [audio, *(engine.render(space.decode(patch), _NOTE) for patch in held)]
    mels = []
    for sound in sounds:
        even = leveled(sound, mel.sample_rate)
        if even is None:
            raise BridgeError("the box or a patch was silent. Try another --seed.")
        mels.append(log_mel(even, mel))
    return [log_mel_distance(mels[0], other) for other in mels[1:]]


if __name__ == "__main__":
    sys.exit(main())

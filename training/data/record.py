"""Record an external synth into a dataset, so that a model can learn any box with MIDI in and audio out.

    python -m training.data.record --space SPACE --midi-port NAME --input NAME --count N --out FOLDER

Patches are drawn, sent as control changes, played and recorded in real time, one note after another, with
the delay that `python -m calibration.loop` measured. The folder has the format of `training.data.render`. A
shard is written when it is complete, and the same command resumes there. Patches are stored as the synth
holds them, rounded to the steps of MIDI. Sounds are brought to equal loudness; silent ones are left out.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from calibration.wiring import add_recording, wiring_of
from core.command import exit_status
from core.errors import DeviceError
from core.loudness import momentary_loudness
from core.mel import MelConfig
from core.space import ParameterSpace
from synths.catalog import facts_of
from synths.engine import Engine, Note
from synths.external.synth import ExternalSynth
from synths.space_files import load_space, space_names
from training.data.bank_patches import BankPatches
from training.data.dataset import Dataset, DatasetFolder, RenderedRow
from training.data.draw import Prior
from training.data.leveled_render import TARGET_LUFS
from training.data.patch_source import PatchSource, dataset_facts, shard_patches

__all__ = ["SHARD_SIZE", "leveled", "record_shard", "source_of"]

SHARD_SIZE = 16  # under a minute of recording, so that no more is lost when something fails
_MOST_GAIN_DB = 40.0  # a sound that needs more counts as silent
_CLIPPED = 0.999  # of full scale
_MANY_SILENT = 12  # in a row: something is probably not connected


def leveled(audio: np.ndarray, sample_rate: int) -> np.ndarray | None:
    """Mix a recording to mono and level it; return None if it is silent or clipped the input.

    Args:
        audio: `(n_channels, n_samples)`.
        sample_rate: Hz.
    """
    if np.abs(audio).max() >= _CLIPPED:
        return None
    mono = audio.mean(axis=0)
    gain_db = TARGET_LUFS - momentary_loudness(mono, sample_rate)
    return None if gain_db > _MOST_GAIN_DB else np.asarray(mono * 10.0 ** (gain_db / 20.0), np.float32)


def record_shard(
    patches: Iterator[tuple[np.ndarray, int]],
    space: ParameterSpace,
    synth: ExternalSynth | Engine,
    *,
    n: int,
    mel: MelConfig,
    note: Note,
    advance: Callable[[], object] = lambda: None,
) -> Dataset:
    """Record up to `n` audible patches.

    Raises:
        DeviceError: Many in a row are silent, or a port has disappeared.
    """
    rows: list[RenderedRow] = []
    silent = 0
    for vector, kind in patches:
        if isinstance(synth, ExternalSynth):
            vector = synth.rounded(vector)
        audio = leveled(synth.render(space.decode(vector), note), mel.sample_rate)
        if audio is None:
            silent += 1
            if silent >= _MANY_SILENT:
                raise DeviceError(
                    f"{silent} patches in a row were silent or clipped the input. Check that the synth is "
                    "on, connected and turned up to about half; then run the same command again to continue."
                )
            continue
        silent = 0
        rows.append(RenderedRow.of(vector, audio, kind, mel, note.held_seconds))
        advance()
        if len(rows) == n:
            break
    return Dataset.of_rows(rows, len(space), mel)


def source_of(
    space: ParameterSpace, banks: Sequence[Path], seed: int, shard_size: int = SHARD_SIZE
) -> PatchSource:
    """Return what the patches of a space are drawn from.

    The presets of people where a synth has banks of them, the kinds of sound where it has a file of those,
    otherwise uniform draws, because nothing is known of how people use that box.
    """
    facts = facts_of(space)
    if banks or facts.read_banks is not None:
        return BankPatches.from_banks(space, banks, seed=seed, shard_size=shard_size)
    return Prior.uniform(space) if facts.kinds is None else Prior.for_space(space)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    args = _parse(arguments)
    stopped = "stopped; the unfinished shard is dropped. Run the same command again to continue"
    return exit_status(partial(_record, args), stopped=stopped)


def _record(args: argparse.Namespace) -> None:
    space, mel = load_space(args.space), MelConfig()
    note = Note(note=args.note, held_seconds=args.held, seconds=args.seconds)
    size = args.shard_size
    source = source_of(space, args.bank, args.seed, size)
    facts = dataset_facts(source, seed=args.seed, shard_size=size, note=note, mel=mel)
    facts["recorded"] = {"midi_port": args.midi_port, "input": args.input, "spelling": args.midi_as}
    folder = DatasetFolder.create(args.out, facts)
    there = set(folder.shards())
    missing = [s for s in range((args.count + size - 1) // size) if s not in there]
    wiring = wiring_of(args)
    assert wiring is not None  # the parser requires both names
    with (
        ExternalSynth(space, wiring, mel.sample_rate) as synth,
        tqdm(total=len(missing) * size, unit="patch") as bar,
    ):
        for shard in missing:
            patches = shard_patches(source, args.seed, shard)
            count = partial(bar.update, 1)
            data = record_shard(patches, space, synth, n=size, mel=mel, note=note, advance=count)
            folder.write(shard, data)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.data.record", description="Record an external synth into a dataset."
    )
    parser.add_argument(
        "--space",
        required=True,
        help=f"one of {', '.join(space_names())}, or a YAML file with the synth's own",
    )
    parser.add_argument("--count", type=int, required=True, help="total number of patches")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder; resumed if it exists")
    add_recording(parser)
    parser.add_argument("--seed", type=int, default=0, help="seed of the draws (%(default)s)")
    parser.add_argument(
        "--bank", type=Path, nargs="*", default=[], help="amsynth's factory banks (default: all)"
    )
    parser.add_argument(
        "--shard-size", type=int, default=SHARD_SIZE, help="patches written at a time (%(default)s)"
    )
    parser.add_argument(
        "--note", type=int, default=60, choices=range(128), metavar="0..127", help="MIDI note"
    )
    parser.add_argument(
        "--held", type=float, default=1.5, help="seconds from note on to note off (%(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds recorded (%(default)s)")
    args = parser.parse_args(arguments)
    if args.shard_size < 1 or args.count < 1:
        parser.error("--count and --shard-size must be at least 1")
    if not 0.0 < args.held <= args.seconds <= 8.0:
        parser.error("--held must not exceed --seconds, nor --seconds 8")
    return args


if __name__ == "__main__":
    sys.exit(main())

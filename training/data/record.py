"""Record a synth outside into a dataset, so that any box with MIDI in and audio out can be learned.

    python -m training.data.record --space SPACE --midi-port NAME --input NAME --count N --out FOLDER

Patches are drawn, sent as control changes, played and recorded in real time, one note after another, with
the delay that `python -m calibration.loop` measured. The folder is as `training.data.render` writes it. A
shard is written when it is whole; the same command goes on from there. Patches are kept as the synth holds
them, rounded to the steps of MIDI; their sounds are brought to equal loudness, and silent ones are left out.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from calibration.wiring import add_recording, wiring_of
from core.descriptors import DESCRIPTOR_NAMES, describe
from core.errors import BridgeError, DeviceError
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.space import ParameterSpace
from synths.catalog import facts_of
from synths.engine import Engine, Note
from synths.external import ExternalSynth
from synths.space_files import load_space, space_names
from training.data.bank_patches import BankPatches, ListedPatches
from training.data.dataset import Dataset, DatasetFolder
from training.data.draw import Prior
from training.data.leveled_render import TARGET_LUFS

__all__ = ["SHARD_SIZE", "drawn_patches", "leveled", "record_shard", "source_of"]

SHARD_SIZE = 16  # under a minute of recording: no more than that is lost when something fails
_MOST_GAIN_DB = 40.0  # a sound that needs more is as good as silent
_CLIPPED = 0.999  # of full scale
_MANY_SILENT = 12  # in a row: something is not connected

logger = logging.getLogger(__name__)


def leveled(audio: np.ndarray, sample_rate: int) -> np.ndarray | None:
    """Bring a recording to equal loudness, mono; None for one that is silent or clipped the input.

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
    """Record up to `n` patches that are heard.

    Raises:
        DeviceError: Many in a row are silent, or a port has gone.
    """
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray, int]] = []
    silent = 0
    for vector, kind in patches:
        if isinstance(synth, ExternalSynth):
            vector = synth.rounded(vector)
        audio = leveled(synth.render(space.decode(vector), note), mel.sample_rate)
        if audio is None:
            silent += 1
            if silent >= _MANY_SILENT:
                raise DeviceError(
                    f"{silent} patches in a row were silent or clipped the input. Is the synth on, connected "
                    "and turned up to about half? Then the same command goes on from here."
                )
            continue
        silent = 0
        rows.append((vector, log_mel(audio, mel), describe(audio, mel.sample_rate, note.held_seconds), kind))
        advance()
        if len(rows) == n:
            break
    return Dataset(
        np.array([row[0] for row in rows], np.float32).reshape(-1, len(space)),
        np.array([row[1] for row in rows], np.float32).reshape(-1, *mel.shape).astype(np.float16),
        np.array([row[2] for row in rows], np.float32).reshape(-1, len(DESCRIPTOR_NAMES)),
        np.array([row[3] for row in rows], np.int32),
    )


def source_of(
    space: ParameterSpace, banks: Sequence[Path], seed: int, shard_size: int = SHARD_SIZE
) -> Prior | BankPatches:
    """Give what patches of a space are drawn from.

    People's presets where a synth has banks of them, the kinds of sound where it has a file of those, else
    evenly: nothing is known of what people do with that box.
    """
    facts = facts_of(space)
    if banks or facts.read_banks is not None:
        return BankPatches.from_banks(space, banks, seed=seed, shard_size=shard_size)
    return Prior.even(space) if facts.kinds is None else Prior.for_space(space)


def drawn_patches(source: Prior | BankPatches, seed: int, shard: int) -> Iterator[tuple[np.ndarray, int]]:
    """Give the patches of a shard, each with its kind; without end where they are drawn."""
    if isinstance(source, BankPatches):
        part: ListedPatches = source.part(shard)
        yield from zip(part.vectors, part.kinds.tolist(), strict=True)
        return
    rng = np.random.default_rng([seed, shard])
    while True:
        yield source.draw(rng)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    args = _parse(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        _record(args)
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    except KeyboardInterrupt:
        logger.info("stopped; the shard in hand is dropped, and the same command goes on from here")
        return 130
    return 0


def _record(args: argparse.Namespace) -> None:
    space, mel = load_space(args.space), MelConfig()
    note = Note(note=args.note, held_seconds=args.held, seconds=args.seconds)
    size = args.shard_size
    source = source_of(space, args.bank, args.seed, size)
    facts = {
        "space": space.to_dict(),
        "kinds": list(source.kinds),
        "seed": args.seed,
        "shard_size": size,
        "note": vars(note),
        "mel": mel.to_dict(),
        "target_lufs": TARGET_LUFS,
        "descriptors": list(DESCRIPTOR_NAMES),
        "recorded": {"midi_port": args.midi_port, "input": args.input, "spelling": args.midi_as},
    }
    if isinstance(source, BankPatches):
        facts["bank"] = source.facts()
    folder = DatasetFolder.create(args.out, facts)
    there = set(folder.shards())
    missing = [s for s in range((args.count + size - 1) // size) if s not in there]
    wiring = wiring_of(args)
    assert wiring is not None  # the parser wants both names
    with (
        ExternalSynth(space, wiring, mel.sample_rate) as synth,
        tqdm(total=len(missing) * size, unit="patch") as bar,
    ):
        for shard in missing:
            patches = drawn_patches(source, args.seed, shard)
            count = partial(bar.update, 1)
            data = record_shard(patches, space, synth, n=size, mel=mel, note=note, advance=count)
            folder.write(shard, data)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m training.data.record", description="Record a synth outside into a dataset."
    )
    parser.add_argument(
        "--space",
        required=True,
        help=f"one of {', '.join(space_names())}, or a YAML file with the synth's own",
    )
    parser.add_argument("--count", type=int, required=True, help="patches wanted in all")
    parser.add_argument("--out", type=Path, required=True, help="dataset folder; goes on if it exists")
    add_recording(parser)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--bank", type=Path, nargs="*", default=[], help="amsynth's presets (all)")
    parser.add_argument(
        "--shard-size", type=int, default=SHARD_SIZE, help="patches that are kept at once (%(default)s)"
    )
    parser.add_argument("--note", type=int, default=60, choices=range(128), metavar="0..127")
    parser.add_argument("--held", type=float, default=1.5, help="seconds from note on to off (%(default)s)")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds recorded (%(default)s)")
    args = parser.parse_args(arguments)
    if args.shard_size < 1 or args.count < 1:
        parser.error("--count and --shard-size are 1 at least")
    if not 0.0 < args.held <= args.seconds <= 8.0:
        parser.error("--held is below --seconds, and that at most 8")
    return args


if __name__ == "__main__":
    sys.exit(main())

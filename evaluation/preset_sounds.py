"""Play presets that people made for Vital into sound files, as targets for models of any size.

    python -m evaluation.preset_sounds --presets FOLDER --out data/people-vital

The presets are played as they are, with everything that no space has, so they are sounds of the synth that no
model was trained to make. What a preset draws anew differs from render to render, so the files are made once;
`evaluate.py table --set-of data/people-vital` answers them.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from core.command import exit_status
from core.errors import BridgeError, ConfigError
from core.loudness import level, momentary_loudness
from core.mel import MelConfig
from core.playing.note import Note
from core.sound_file import write_sound
from synths.vital_own import OwnVitalEngine
from synths.vital_preset import read_checked
from training.data.leveled_render import TARGET_LUFS

__all__ = ["write_preset_sounds"]

_LEAST_LUFS = -70.0  # quieter presets do not sound at this note

logger = logging.getLogger(__name__)


def write_preset_sounds(presets: Path, out: Path, note: Note | None = None) -> list[Path]:
    """Play each preset of a folder that has no sound file yet, and return the files.

    Args:
        presets: Folder of `.vital` files.
        out: Folder for the sounds.
        note: Note to play; the default if None.

    Raises:
        ConfigError: There are no presets.
    """
    files = sorted(presets.glob("*.vital"))
    if not files:
        raise ConfigError(f"there are no .vital files in {presets}. Choose another folder.")
    out.mkdir(parents=True, exist_ok=True)
    rate, written = MelConfig().sample_rate, []
    for file in files:
        sound = out / f"{file.stem}.wav"
        if not sound.exists():
            try:
                read_checked(file)
                audio = OwnVitalEngine(rate, file).render({}, note or Note())
            except BridgeError as error:
                logger.warning("%s was left out: %s", file.name, error)
                continue
            mono = np.atleast_2d(audio).mean(axis=0)
            if momentary_loudness(mono, rate) < _LEAST_LUFS:
                logger.warning("%s was left out: it is silent at this note", file.name)
                continue
            write_sound(sound, level(mono, rate, TARGET_LUFS), rate)
        written.append(sound)
    logger.info("%d sounds of %d presets in %s", len(written), len(files), out)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.preset_sounds", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--presets", type=Path, required=True, help="folder of .vital files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the sounds")
    args = parser.parse_args(arguments)
    return exit_status(partial(_run, args))


def _run(args: argparse.Namespace) -> None:
    write_preset_sounds(args.presets, args.out)


if __name__ == "__main__":
    sys.exit(main())

"""Measure which of amsynth's controls are heard most: `python -m training.audible`.

In presets that people made, one control at a time takes the value it has in another preset; the change is the
mean absolute difference of the two log-mels at equal loudness, in dB. So a control counts by what it does
where people use it, and loudness alone counts for nothing.
"""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from core.distances import log_mel_distance
from core.errors import BridgeError
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.space import Patch
from synths.amsynth import AmsynthEngine
from synths.amsynth_bank import find_banks, read_bank
from synths.amsynth_controls import controls, normalized_preset
from synths.engine import Engine, Note

__all__ = ["Audibility", "measure_audibility"]

logger = logging.getLogger(__name__)

_EQUAL_LUFS = -24.0
_SILENT_LUFS = -70.0
_HEARD_DB = 1.0  # below this a change counts as not heard


@dataclass(frozen=True)
class Audibility:
    """How much one control is heard.

    Attributes:
        name: Of the control.
        change_db: Mean absolute change of the log-mel.
        heard: Share of presets in which the change was more than 1 dB.
    """

    name: str
    change_db: float
    heard: float


def measure_audibility(
    presets: Sequence[Patch], names: Sequence[str], engine: Engine, mel: MelConfig, note: Note, seed: int = 0
) -> list[Audibility]:
    """Measure how much each control changes the sound, the most audible first.

    Args:
        presets: Whole patches that people made.
        names: The controls to try.
        engine: What plays them.
        mel: How they are heard.
        note: What is played.
        seed: Of the choice of the other preset.
    """
    rng = np.random.default_rng(seed)
    changes: Mapping[str, list[float]] = {name: [] for name in names}
    for preset in tqdm(presets, unit="preset"):
        before = _leveled_mel(engine.render(preset, note), mel)
        others = rng.integers(len(presets), size=len(names))
        for name, other in zip(names, others, strict=True):
            moved = {**preset, name: presets[other][name]}
            same = moved[name] == preset[name]
            after = before if same else _leveled_mel(engine.render(moved, note), mel)
            if before is None or after is None:
                continue
            changes[name].append(log_mel_distance(before, after))
    rows = [
        Audibility(name, float(np.mean(values)), float(np.mean(np.array(values) > _HEARD_DB)))
        for name, values in changes.items()
        if values
    ]
    return sorted(rows, key=lambda row: -row.change_db)


def _leveled_mel(audio: np.ndarray, mel: MelConfig) -> np.ndarray | None:
    mono = audio.mean(axis=0)
    loudness = momentary_loudness(mono, mel.sample_rate)
    if loudness < _SILENT_LUFS:
        return None
    return log_mel(mono * 10.0 ** ((_EQUAL_LUFS - loudness) / 20.0), mel)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--presets", type=int, default=150, help="how many to try (default 150)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        names = list(controls())
        bank = [preset for path in find_banks() for preset in read_bank(path, names)]
        chosen = np.random.default_rng(args.seed).permutation(len(bank))[: max(1, args.presets)]
        presets = [normalized_preset(bank[k].values) for k in chosen]
        rows = measure_audibility(presets, names, AmsynthEngine(), MelConfig(), Note(), args.seed)
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    print("control             change dB   heard in")
    for row in rows:
        steps = "  stepped" if controls()[row.name].stepped else ""
        print(f"{row.name:20}{row.change_db:8.2f}{row.heard:10.0%}{steps}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

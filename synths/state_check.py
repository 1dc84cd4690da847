"""Check that an engine carries nothing over: `python -m synths.state_check --space NAME`.

Each patch is played by a new engine, by one that has played other patches before (in both orders), and in
another process. The difference is given in samples, and as the mean absolute difference of log-mels at equal
loudness, beside that of two different patches. Samples may differ inaudibly: in the phase of a vibrato, in
the grains of a noise.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.command import log_to_terminal
from core.distances import log_mel_distance
from core.errors import BridgeError, RenderError
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.space import ParameterSpace, Patch
from synths.catalog import load_engine
from synths.child_process import run_in_child
from synths.engine import Engine, Note
from synths.space_files import load_space, space_names

__all__ = ["MEDIAN_SHARE", "WORST_SHARE", "StateCheck", "check_state", "random_patches"]

logger = logging.getLogger(__name__)

# Bounds, as shares of the distance between two different patches.
MEDIAN_SHARE = 0.02
WORST_SHARE = 0.3
_NOTE = Note(held_seconds=1.0, seconds=1.5)
_MEL = MelConfig(n_frames=32)
_EQUAL_LUFS = -24.0
_SILENT_LUFS = -70.0
_N_IN_CHILD = 3
_CHILD_SECONDS = 300.0


@dataclass(frozen=True)
class StateCheck:
    """How far renders of one patch lie apart.

    Attributes:
        residue_db: Power of the difference over that of the sound, one value for each pair of renders.
        mel_db: Mean absolute difference of their log-mels, dB.
        process_mel_db: The same between this process and another.
        apart_db: The same between two different patches, mean.
    """

    residue_db: np.ndarray
    mel_db: np.ndarray
    process_mel_db: np.ndarray
    apart_db: float

    @property
    def within_bounds(self) -> bool:
        """Whether nothing of note is carried over."""
        both = np.concatenate([self.mel_db, self.process_mel_db])
        return bool(
            np.median(both) <= MEDIAN_SHARE * self.apart_db and both.max() <= WORST_SHARE * self.apart_db
        )


def random_patches(space: ParameterSpace, n: int, seed: int) -> list[Patch]:
    """Draw patches in which about half of the parameters are neutral and the others anywhere."""
    rng = np.random.default_rng(seed)
    patches = []
    for _ in range(n):
        anywhere = rng.uniform(size=len(space)).astype(np.float32)
        patches.append(space.decode(np.where(rng.uniform(size=len(space)) < 0.5, space.neutral, anywhere)))
    return patches


def check_state(space: ParameterSpace, *, n_patches: int = 12, seed: int = 0) -> StateCheck:
    """Render patches in several orders, engines and processes, and compare the renders of each patch.

    Args:
        space: Of the patches; its engine is checked.
        n_patches: How many patches to play.
        seed: Of the patches.

    Raises:
        RenderError: The synth is missing or crashes, or nearly every patch is silent.
    """
    patches = random_patches(space, n_patches, seed)
    first = _each_first(space, patches)
    used = load_engine(space, _MEL.sample_rate)
    after_some = _in_order(used, patches)
    after_all = _in_order(used, patches[::-1])[::-1]
    elsewhere = run_in_child(
        _each_first, space, patches[:_N_IN_CHILD], what=space.synth, timeout_s=_CHILD_SECONDS
    )
    heard = [k for k, sound in enumerate(first) if _loudness(sound) > _SILENT_LUFS]
    if len(heard) < 2:
        raise RenderError(
            f"nearly every patch of {space.name} is silent and cannot be compared; draw more with --patches."
        )
    residues, distances = [], []
    for others in (after_some, after_all):
        for k in heard:
            power = float(np.sum(first[k] ** 2))
            residues.append(10.0 * np.log10(float(np.sum((first[k] - others[k]) ** 2)) / power + 1e-20))
            distances.append(_distance(first[k], others[k]))
    in_child = [k for k in heard if k < len(elsewhere)]
    return StateCheck(
        residue_db=np.array(residues),
        mel_db=np.array(distances),
        process_mel_db=np.array([_distance(first[k], elsewhere[k]) for k in in_child]),
        apart_db=float(np.mean([_distance(first[a], first[b]) for a, b in pairwise(heard)])),
    )


def _each_first(space: ParameterSpace, patches: Sequence[Patch]) -> list[np.ndarray]:
    """Render each patch by a new engine."""
    return [load_engine(space, _MEL.sample_rate).render(patch, _NOTE) for patch in patches]


def _in_order(engine: Engine, patches: Sequence[Patch]) -> list[np.ndarray]:
    return [engine.render(patch, _NOTE) for patch in patches]


def _loudness(audio: np.ndarray) -> float:
    return momentary_loudness(audio.mean(axis=0), _MEL.sample_rate)


def _distance(audio_a: np.ndarray, audio_b: np.ndarray) -> float:
    mels = []
    for audio in (audio_a, audio_b):
        gain_db = min(_EQUAL_LUFS - _loudness(audio), _EQUAL_LUFS - _SILENT_LUFS)
        mels.append(log_mel(audio.mean(axis=0) * 10.0 ** (gain_db / 20.0), _MEL))
    return log_mel_distance(*mels)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 1 if something is carried over."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--space", required=True, help=f"one of {', '.join(space_names())}, or a YAML file of a plug-in"
    )
    parser.add_argument("--patches", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    log_to_terminal(logging.INFO)
    try:
        check = check_state(load_space(args.space), n_patches=max(2, args.patches), seed=args.seed)
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    for what, figures in (
        ("residue", check.residue_db),
        ("log-mel", check.mel_db),
        ("in another process", check.process_mel_db),
    ):
        print(f"{what:18} {np.median(figures):8.3f} dB median, {figures.max():8.3f} dB at worst")
    print(f"two patches apart  {check.apart_db:8.3f} dB")
    if not check.within_bounds:
        logger.error(
            "%s carries something over: more than %.0f %% of that in the median, or %.0f %% at worst.",
            args.space,
            100 * MEDIAN_SHARE,
            100 * WORST_SHARE,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Judge the semantic dimensions of a Flow_dis run as macros are judged.

    python -m evaluation.macros.semantic RUN --out FILE

All pairs of words are learned at once, each by a dimension of its own. At held-out sounds, every dimension
is walked over the range that sounds have, the answers are rendered, and the ruler of macros says whether what
the words stand for rises (rho, right) and how much else changes (purity). Before disentangling, it is the
dimension that tells the pair apart best among the training sounds.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from torch import Tensor

from core.atomic_file import write_atomically
from core.command import exit_status, log_to_terminal
from core.ruler.vocabulary import Meaning
from evaluation.evaluated_model import EvaluatedModel, open_run
from evaluation.macros.heard import Heard, hear
from evaluation.macros.ruler import DialFigures, figures_of, keeps_its_word
from evaluation.patch_renderer import PatchRenderer
from evaluation.tagged_sounds import area_under_curve, disentangled_run, tagged_sounds
from models.paper.latent_spaces import DisentangledLatent

__all__ = ["PAIR_MEANINGS", "SemanticDimension", "measure_semantic", "semantic_lines"]

# What each pair's high word promises; the nearest of the ruler's descriptors to what docs/tags.md measures.
PAIR_MEANINGS = {
    "dark-bright": Meaning("centroid", 1),
    "clean-dirty": Meaning("flatness", 1),
    "thin-phat": Meaning("centroid", -1),
    "soft-aggressive": Meaning("flux", 1),
    "constant-moving": Meaning("movement", 1),
    "static-dynamic": Meaning("decay", 1),
    "harmonic-inharmonic": Meaning("pitch_strength", -1),
}
_RANGE = (2.5, 97.5)  # percentiles of a dimension among training sounds
_MOST_SPREAD = 60  # sounds that tell how much is much


@dataclass(frozen=True)
class SemanticDimension:
    """One pair of words, before and after disentangling.

    Attributes:
        pair: Both words.
        before, after: The ruler's figures of the walks.
        auc_before, auc_after: How well the dimension tells held-out sounds of the two words apart; 0.5 is
            chance, 1 perfect.
    """

    pair: str
    before: DialFigures
    after: DialFigures
    auc_before: float
    auc_after: float


def measure_semantic(
    model: EvaluatedModel, *, n_sounds: int, steps: int, seed: int, workers: int
) -> list[SemanticDimension]:
    """Measure every pair of a run of Flow_dis.

    Args:
        model: The run.
        n_sounds: Held-out sounds at which dimensions are walked.
        steps: Renders from end to end.
        seed: Draws the sounds.
        workers: Engines that render.

    Raises:
        ConfigError: It is no such run.
    """
    run, network = disentangled_run(model)
    latent = network.latent
    assert isinstance(latent, DisentangledLatent)
    learned, learned_tags = tagged_sounds(model, "train")
    mels, tags = tagged_sounds(model, "test")

    def plain(y: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return latent.disentangling.inverse(torch.from_numpy(y))[0].numpy()

    def disentangled(z: Tensor) -> Tensor:
        return latent.disentangling(z)[0]

    y_learned, y = _encoded(network.encode, learned), _encoded(network.encode, mels)
    z_learned, z = plain(y_learned), plain(y)
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(len(y))[:n_sounds]
    with PatchRenderer(model.space, model.mel.sample_rate, workers) as renderer:

        def listen(patches: np.ndarray, label: str) -> list[Heard]:
            sounds = renderer.render(list(patches), model.note, label)
            return [hear(one, model.mel.sample_rate, model.note) for one in sounds]

        def walked(
            at: np.ndarray, k: int, ends: np.ndarray, decode: Callable[[Tensor], Tensor], pair: str
        ) -> DialFigures:
            ways = np.repeat(at[drawn][:, None], steps, axis=1)
            ways[:, :, k] = np.linspace(ends[0], ends[1], steps)
            with torch.no_grad():
                patches = network.answer(decode(torch.from_numpy(ways.reshape(-1, at.shape[1])))).numpy()
            heard = listen(patches, pair)
            walks = [heard[first : first + steps] for first in range(0, len(heard), steps)]
            return figures_of(pair, PAIR_MEANINGS[pair], walks, spread)

        with torch.no_grad():
            some = network.answer(torch.from_numpy(y[rng.permutation(len(y))[:_MOST_SPREAD]])).numpy()
        spread = _spread(listen(some, "spread"))
        found = []
        for k, pair in enumerate(run.tag_names):
            told, high = _told(learned_tags[:, k])
            areas = np.array([area_under_curve(column, high) for column in z_learned[told].T])
            best = int(np.abs(areas - 0.5).argmax())
            up = areas[best] >= 0.5
            ends = np.percentile(z_learned[:, best], _RANGE)
            told, high = _told(tags[:, k])
            before = area_under_curve(z[told, best], high)
            found.append(
                SemanticDimension(
                    pair,
                    walked(z, best, ends if up else ends[::-1], disentangled, pair),
                    walked(y, k, np.percentile(y_learned[:, k], _RANGE), lambda y: y, pair),
                    before if up else 1.0 - before,
                    area_under_curve(y[told, k], high),
                )
            )
    return found


def semantic_lines(found: Sequence[SemanticDimension], command: str) -> list[str]:
    """Return the figures as Markdown."""
    lines = [
        f"Measured by `{command}`. Each pair is judged by the descriptor that stands for its second word. "
        "Rho: rank correlation of the descriptor with the walk. Right: share of sounds at which it rises by "
        "a quarter of its spread. Purity: its change over the RMS of the changes of all descriptors outside "
        "its family. AUC: how well the dimension tells held-out sounds of both words apart. A macro ships "
        "under its name from rho 0.75, right 0.8 and purity 1.",
        "",
        "| pair | descriptor | rho | right | purity | AUC | would ship |",
        "| --- | --- | --: | --: | --: | --: | --- |",
    ]
    for one in found:
        stages = ((one.before, one.auc_before, "before"), (one.after, one.auc_after, "after"))
        for figures, area, stage in stages:
            sign = "+" if figures.meaning.sign > 0 else "-"
            cells = f"{figures.rho:.2f} | {figures.right:.0%} | {figures.purity:.2f} | {area:.2f}"
            ships = "yes" if keeps_its_word(figures) else "no"
            lines.append(f"| {one.pair}, {stage} | {sign}{figures.meaning.descriptor} | {cells} | {ships} |")
    return lines


def _encoded(encode: Callable[[Tensor], Tensor], mels: np.ndarray) -> np.ndarray:
    parts = torch.from_numpy(mels).split(256)
    return torch.cat([encode(part) for part in parts]).numpy()


def _told(tags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which sounds have a word, and which of those the high one."""
    told = ~np.isnan(tags)
    return told, tags[told] == 1.0


def _spread(heard: Sequence[Heard]) -> dict[str, float]:
    names = heard[0].descriptors
    return {name: float(np.std([one.descriptors[name] for one in heard])) + 1e-9 for name in names}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.macros.semantic", description=__doc__.split("\n")[0]
    )
    parser.add_argument("run", type=Path, help="a run of flow_dis")
    parser.add_argument("--sounds", type=int, default=12, help="held-out sounds to walk at (%(default)s)")
    parser.add_argument("--steps", type=int, default=7, help="renders from end to end (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of every draw (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="engines (%(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="Markdown file; figures in .yaml beside it")
    args = parser.parse_args(arguments)
    log_to_terminal(logging.INFO)
    return exit_status(partial(_run, args))


def _run(args: argparse.Namespace) -> None:
    found = measure_semantic(
        open_run(args.run), n_sounds=args.sounds, steps=args.steps, seed=args.seed, workers=args.workers
    )
    command = (
        f"python -m evaluation.macros.semantic {args.run.as_posix()} --sounds {args.sounds} "
        f"--steps {args.steps} --seed {args.seed}"
    )
    figures: dict[str, Any] = {"command": command, "pairs": [asdict(one) for one in found]}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(args.out.with_suffix(".yaml"), yaml.safe_dump(figures, sort_keys=False))
    write_atomically(args.out, "\n".join([*semantic_lines(found, command), ""]))


if __name__ == "__main__":
    sys.exit(main())

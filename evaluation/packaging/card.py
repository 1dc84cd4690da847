"""The card of a model: what it was trained on, what was measured, and what it cannot do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from safetensors import safe_open

from core.atomic_file import write_atomically
from evaluation.macros.page import macro_section
from evaluation.macros.ruler import DialFigures
from evaluation.packaging.held_out import HeldOutScores
from evaluation.packaging.score import CARD_FIGURES, Score
from models.folder import ModelPresets
from synths.catalog import facts_of
from training.commands import noted_commands
from training.data.dataset import DatasetFolder
from training.settings import TrainingSettings

__all__ = ["Card", "write_card"]


@dataclass(frozen=True, kw_only=True)
class Card:
    """Everything that a card says."""

    run: Path
    out: Path
    settings: TrainingSettings
    folder: DatasetFolder
    n_train: int
    n_validation: int
    n_test: int
    held_out: HeldOutScores
    macros: Sequence[DialFigures]
    judged: tuple[int, int, int]  # presets, steps and seed of their figures
    parameters: Sequence[DialFigures]
    presets: ModelPresets


def write_card(path: Path, card: Card) -> None:
    """Write the card as Markdown."""
    space, held_out = card.folder.space, card.held_out
    lines = [
        f"# {card.out.name}",
        "",
        f"A regression flow for {facts_of(space).title}: {len(space)} parameters, as many latent "
        f"dimensions, {len(card.macros)} macros, {len(card.presets)} presets on its map.",
        "",
        "## Data",
        "",
        f"{card.n_train:,} patches for training, {card.n_validation:,} for validation and {card.n_test:,} "
        f"held out, {card.n_train + card.n_validation + card.n_test:,} together (whole shards, "
        f"`training/data/split.py`), {_source(card.folder)}, each levelled to "
        f"{card.folder.facts['target_lufs']:g} LUFS (loudest 400 ms). "
        f"Note {card.folder.facts['note']['note']}, velocity {card.folder.facts['note']['velocity']}, "
        f"held {card.folder.facts['note']['held_seconds']:g} s.",
        "",
        "```",
        *_commands(card),
        "```",
        "",
        f"The run `{card.run.name}`: trained for {_time(card.run, 'proxy')} (proxy) and "
        f"{_time(card.run, 'flow')} (encoder and flow), seed {card.settings.seed}.",
        "",
        "## First answers to held-out patches",
        "",
        f"{held_out.n_targets} held-out patches, every answer played on the real engine at "
        f"{card.folder.mel.sample_rate:,} Hz. Mean (median); lower is closer. All but the loudness error "
        "are measured after levelling. The pitch error is of the "
        f"{_n_pitched(held_out)} targets that have a pitch; docs/metrics.md explains the figures. Nearest "
        "render: the training render with the smallest log-mel distance. Posterior mean: the encoder's "
        "answer. First answer: what a player gets before anything is rendered, latents drawn for the sound "
        "and renders of the bank, brought nearer along the proxy's gradient, the best by proxy. Rendered: "
        "the nearest of its six candidates, which a player gets half a second later. Measured by "
        "`python -m evaluation.packaging`.",
        "",
        *_score_table(held_out.scores),
        "",
        f"The first answer is closer (soft MSS) than the nearest render on {held_out.wins:.0%} of the "
        "targets.",
        "",
        f"Variance of predicted over variance of true values, the check against collapse: mean "
        f"{held_out.variance_ratio.mean():.2f}, lowest {held_out.variance_ratio.min():.2f} "
        f"({space[int(np.argmin(held_out.variance_ratio))].caption}).",
        "",
        *_ratio_table(card),
        "",
        *_macro_lines(card),
        "## Limits",
        "",
        "- Trained at one pitch (C4) and one velocity, from the onset; a sound at another pitch is heard as "
        "another timbre.",
        "- Sounds far from the training data are answered with the nearest that the model can make.",
        "- Choices (transposition in semitones) come as values between 0 and 1 and are rounded by the synth.",
        "- What the base patch fixes (routing, filter and distortion models, wavetable) cannot be reached.",
        "",
        "Licence: GPL-3.0-or-later, as the project.",
        "",
    ]
    write_atomically(path, "\n".join(lines))


def _macro_lines(card: Card) -> list[str]:
    presets, steps, seed = card.judged
    command = (
        f"python evaluate.py macros --model {_shown(card.out)} --presets {presets} --steps {steps} "
        f"--seed {seed}"
    )
    return macro_section(card.macros, card.parameters, presets, steps, command)


def _source(folder: DatasetFolder) -> str:
    """Return where the patches come from, and what played them."""
    facts, kinds = folder.facts, facts_of(folder.space).kinds
    if "bank" in facts:
        drawn = "from people's presets and from between them"
    elif kinds is not None:
        drawn = f"from priors by kind of sound ({', '.join(folder.kinds)}; `synths/spaces/{kinds.name}`)"
    else:
        drawn = "evenly"
    recorded = ", recorded from the synth itself through MIDI and audio" if "recorded" in facts else ""
    return f"drawn {drawn}, in canonical form{recorded}"


def _commands(card: Card) -> list[str]:
    """Return the commands that made the model."""
    trained = noted_commands(card.run)
    if (card.run / "build.yaml").exists() and trained:
        return trained
    return [
        _data_command(card.folder),
        *_between_command(card),
        *(trained or [f"python train.py {_shown(card.run / 'settings.yaml')}"]),
        f"python -m evaluation.packaging --run {_shown(card.run)} --out {_shown(card.out)}",
    ]


def _shown(path: Path) -> str:
    """Return a path as somebody else can use it: from this folder, or its last part."""
    path = path.resolve()
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else path.name


def _data_command(folder: DatasetFolder) -> str:
    facts, name = folder.facts, folder.space.name
    made = f"--space {name} --seed {facts['seed']} --count {_count(folder)}"
    if (recorded := facts.get("recorded")) is None:
        return f"python -m training.data.render {made} --out {_shown(folder.path)}"
    ports = f"--midi-port {recorded['midi_port']} --input {recorded['input']}"
    ending = f"--shard-size {facts['shard_size']} --out {_shown(folder.path)}"
    return f"python -m training.data.record {made} {ports} {ending}"


def _count(folder: DatasetFolder) -> int:
    """Return the `--count` with which the command makes every shard that was there."""
    return (folder.shards()[-1] + 1) * int(folder.facts["shard_size"])


def _between_command(card: Card) -> list[str]:
    """Return the command that rendered patches between sounds, if the proxy learned from any."""
    if card.settings.between is None:
        return []
    folder = DatasetFolder(card.settings.between)
    return [
        f"python -m training.data.render --space {folder.space.name} --seed {folder.facts['seed']} --between "
        f"{folder.facts['between']:g} --count {_count(folder)} --out {_shown(folder.path)}"
    ]


def _time(run: Path, phase: str) -> str:
    """Return the wall-clock time that a phase took."""
    with safe_open(str(run / f"{phase}.run.safetensors"), framework="numpy") as file:
        seconds: float = yaml.safe_load(file.metadata()["counters"])["seconds"]
    return f"{seconds:.0f} seconds" if seconds < 90.0 else f"{seconds / 60.0:.0f} minutes"


def _score_table(scores: dict[str, Score]) -> list[str]:
    lines = [
        "| answer | " + " | ".join(CARD_FIGURES.values()) + " | parameter error |",
        "| --- |" + " --: |" * (len(CARD_FIGURES) + 1),
    ]
    for name, score in scores.items():
        cells = [_cell(score, figure) for figure in CARD_FIGURES]
        error = score.parameter_error
        cells.append("" if error is None else f"{error.mean():.3f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _cell(score: Score, figure: str) -> str:
    """Return mean (median) of a figure; nothing if no target has it."""
    mean, median = score.mean(figure), score.median(figure)
    digits = 0 if figure == "pitch_cents" else 2
    return "" if np.isnan(mean) else f"{mean:.{digits}f} ({median:.{digits}f})"


def _n_pitched(held_out: HeldOutScores) -> int:
    """Return how many targets have a pitch, and so a pitch error."""
    return int(np.isfinite(held_out.scores["silence"].figures["pitch_cents"]).sum())


def _ratio_table(card: Card) -> list[str]:
    lines = ["| parameter | variance ratio |", "| --- | --: |"]
    for parameter, ratio in zip(card.folder.space, card.held_out.variance_ratio, strict=True):
        lines.append(f"| {parameter.caption} | {ratio:.2f} |")
    return lines

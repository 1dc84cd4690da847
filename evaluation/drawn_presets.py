"""Draw Vital presets that no space of ours holds: `python -m evaluation.drawn_presets --out FOLDER`.

They stand for a player's library where presets of people's are too few, or not ours to use. Each begins with
a draw of the prior for `vital-64`; then modules, filter models, kinds of distortion and routes are changed to
what that space fixes.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_file import write_atomically
from core.command import exit_status, print_line
from core.errors import ConfigError
from synths.base_patch import base_patch
from synths.space_files import load_space
from training.data.draw import Prior

__all__ = ["drawn_preset"]

_N_MODELS, _N_STYLES = 8, 5  # of Vital's filters
_N_DISTORTIONS, _N_MORPHS = 13, 12  # of its oscillators
_TRANSPOSITIONS = (-24, -12, -5, 0, 7, 12, 19)  # semitones, of the third oscillator
_SOURCES = ("env_2", "env_3", "lfo_1", "lfo_2", "random_1")
_DESTINATIONS = (
    "filter_1_cutoff",
    "filter_2_cutoff",
    "osc_3_wave_frame",
    "osc_3_level",
    "osc_1_spectral_morph_amount",
    "filter_1_resonance",
)


def drawn_preset(rng: np.random.Generator, name: str) -> dict[str, Any]:
    """Return the content of a `.vital` file.

    Args:
        rng: Everything is drawn from it.
        name: Of the preset.
    """
    space = load_space("vital-64")
    vector, _ = Prior.for_space(space).draw(rng)
    content = base_patch()
    settings = content["settings"]
    settings |= {p.name: p.raw(value) for p, value in zip(space, vector.tolist(), strict=True)}
    if rng.random() < 0.5:
        settings |= {
            "osc_3_on": 1.0,
            "osc_3_level": float(rng.uniform(0.3, 0.8)),
            "osc_3_transpose": float(rng.choice(_TRANSPOSITIONS)),
            "osc_3_wave_frame": float(rng.uniform(0.0, 256.0)),
            "osc_3_destination": float(rng.integers(3)),
            "osc_3_random_phase": 0.0,
            "osc_3_spectral_morph_type": float(rng.integers(_N_MORPHS)),
            "osc_3_spectral_morph_amount": float(rng.random()),
        }
    for filter_name in ("filter_1", "filter_2"):
        if rng.random() < 0.6:
            settings[f"{filter_name}_model"] = float(rng.integers(_N_MODELS))
            settings[f"{filter_name}_style"] = float(rng.integers(_N_STYLES))
    if rng.random() < 0.5:
        settings["osc_1_distortion_type"] = float(rng.integers(_N_DISTORTIONS))
    if rng.random() < 0.5:
        settings["osc_1_spectral_morph_type"] = float(rng.integers(_N_MORPHS))
    for slot in rng.choice(np.arange(13, 17), int(rng.integers(4)), replace=False).tolist():
        settings["modulations"][slot - 1] = {
            "source": str(rng.choice(_SOURCES)),
            "destination": str(rng.choice(_DESTINATIONS)),
        }
        settings[f"modulation_{slot}_amount"] = float(rng.uniform(-0.5, 0.5))
    return {**content, "preset_name": name, "author": "Drawn by seed"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.drawn_presets", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the .vital files; it is made")
    parser.add_argument("--n", type=int, default=88, help="number of presets (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the draw (%(default)s)")
    return exit_status(lambda: _write(parser.parse_args(arguments)))


def _write(given: argparse.Namespace) -> None:
    try:
        given.out.mkdir(parents=True, exist_ok=True)
        for k in range(given.n):
            name = f"Drawn {given.seed}-{k:03d}"
            content = drawn_preset(np.random.default_rng([given.seed, k]), name)
            write_atomically(given.out / f"{name}.vital", json.dumps(content, allow_nan=False) + "\n")
    except OSError as error:
        raise ConfigError(f"{given.out} cannot be written: {error.strerror}; pick another --out.") from error
    print_line(f"wrote {given.n} presets to {given.out}")


if __name__ == "__main__":
    sys.exit(main())

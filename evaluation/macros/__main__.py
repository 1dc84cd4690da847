"""Find new macros for a model, from renders: `python -m evaluation.macros --model NAME --data FOLDER`.

Only the macros of the folder change; weights, presets and what else it holds stay. Of 70,000 renders it
takes about half an hour on two idle cores.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.command import exit_status, log_to_terminal
from core.mel import MelConfig
from evaluation.macros.find import find_macros
from evaluation.macros.make import measured_macros
from evaluation.macros.ruler import Ruler
from evaluation.patch_renderer import PatchRenderer
from models.folder import ModelFolder, write_macros
from models.installed import find_model
from training.data.dataset import DatasetFolder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.macros", description=__doc__)
    parser.add_argument("--model", required=True, help="name or folder of the model")
    parser.add_argument("--data", type=Path, required=True, help="renders that it was trained on")
    parser.add_argument("--presets", type=int, default=12, help="presets to judge macros at (%(default)s)")
    parser.add_argument("--steps", type=int, default=7, help="renders from 0 to 1 (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="seed of every draw (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="engines (%(default)s)")
    args = parser.parse_args(arguments)
    log_to_terminal(logging.INFO)
    return exit_status(partial(_run, args), stopped="stopped; nothing has changed")


def _run(args: argparse.Namespace) -> None:
    model, folder = ModelFolder.load(find_model(args.model)), DatasetFolder(args.data)
    data = folder.read()
    rate = (model.settings.mel or MelConfig()).sample_rate
    with PatchRenderer(model.space, rate, args.workers) as renderer:
        found = find_macros(
            model.space,
            data,
            model.presets.patches,
            renderer,
            note=model.settings.note,
            base=model.flow.leveler,
            seed=args.seed,
        )
        ruler = Ruler(
            model.space,
            model.flow,
            model.presets,
            renderer,
            note=model.settings.note,
            n_presets=args.presets,
            steps=args.steps,
            seed=args.seed,
        )
        made = measured_macros(
            found,
            model.space,
            model.flow,
            model.macros.resting,
            ruler,
            renderer,
            note=model.settings.note,
        )
    write_macros(model.path, made.macros)


if __name__ == "__main__":
    sys.exit(main())

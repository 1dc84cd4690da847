"""Measure the macros of a model folder beside raw parameters, for the screen and the card."""

import numpy as np

from core.atomic_file import write_atomically
from core.mel import MelConfig
from evaluation.macros.page import macro_section, with_macro_section
from evaluation.macros.ruler import RAW_PARAMETERS, Ruler
from evaluation.patch_renderer import PatchRenderer
from models.folder import ModelFolder
from models.installed import find_model

__all__ = ["measure_folder"]


def measure_folder(
    name: str, *, presets: int, steps: int, seed: int, workers: int, command: str, card: bool = False
) -> list[str]:
    """Measure every macro that a model knows, and return the section of its card.

    Args:
        name: Of a shipped model, or a folder.
        presets: At how many presets.
        steps: Renders from end to end of a dial.
        seed: Draws the presets.
        workers: Engines.
        command: That measures the same again.
        card: Whether to write the section into the model's card.
    """
    model = ModelFolder.load(find_model(name))
    rate = (model.settings.mel or MelConfig()).sample_rate
    with PatchRenderer(model.space, rate, workers) as renderer:
        ruler = Ruler(
            model.space,
            model.flow,
            model.presets,
            renderer,
            note=model.settings.note,
            n_presets=presets,
            steps=steps,
            seed=seed,
        )
        macros = ruler.macros(model.vocabulary)
        low, high = np.percentile(model.presets.patches, (1, 99), axis=0)
        raw = ruler.parameters([name for name in RAW_PARAMETERS if name in model.space], low, high)
    section = macro_section(macros, raw, presets, steps, command)
    page = model.path / "MODEL_CARD.md"
    if card and page.exists():
        write_atomically(page, with_macro_section(page.read_text(encoding="utf-8"), section))
    return section

"""From a preset file to a model folder: one that plays at once, then one whose macros were heard."""

import json
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adopting.card import write_card
from adopting.draws import Draws
from adopting.flow import flow_tensors, own_flow
from adopting.hearing import NOTE, Ears
from adopting.macros import own_macros
from adopting.maker import Made, first_dials, make
from adopting.preset import OwnPreset, read_own
from core.atomic_file import write_atomically
from core.errors import PatchError
from core.space import ParameterSpace
from models.folder import BASE, ModelPresets, write_folder
from models.settings import ModelSettings

__all__ = ["Told", "adopt"]

_REPEATS_BADLY_DB = 1.5  # soft MSS between two renders of a preset
_SILENT_LUFS = -70.0
_N_DRAWS = 4
_PINNED = ("osc_1_random_phase", "osc_2_random_phase", "osc_3_random_phase", "sample_random_phase")
_MANY = 120  # renders, after which nearly two thirds are done: nobody knows how many a preset takes


@dataclass(frozen=True)
class Told:
    """What is told while a preset is adopted.

    Attributes:
        stage: `plays`, `warning`, `macros` or `ready`.
        done: How much of the macros is done, 0 to 1.
        text: In words, or empty.
    """

    stage: str
    done: float = 0.0
    text: str = ""


def adopt(file: Path, out: Path, tell: Callable[[Told], None] = lambda told: None, workers: int = 2) -> None:
    """Adopt a preset: write a model folder that plays it, and write it again once its macros were heard.

    Args:
        file: A `.vital` file; it is only read.
        out: The folder; its name becomes that of the model and of the space.
        tell: Is told how far it is.
        workers: Renders at once.

    Raises:
        PatchError: The file is no preset that can be adopted; the message says why.
        RenderError: The engine failed.
    """
    own = read_own(file)
    space = own.space(out.name, out / BASE)
    with tempfile.TemporaryDirectory() as folder:
        plain, pinned = Path(folder) / "plain.vital", Path(folder) / "pinned.vital"
        write_atomically(plain, _text(own))
        write_atomically(pinned, _text(own, pinned=True))  # random phases would hide small changes
        draws = _drawn(space.over(plain), file.name, workers)
        repeats = draws.distance_db
        _write(out, own, space, first_dials(own, space), repeats)
        tell(Told("plays"))
        if repeats > _REPEATS_BADLY_DB:
            tell(Told("warning", text=f"{own.name} sounds different each time, by {repeats:.1f} dB."))
        if outside := own.outside(space):
            tell(Told("warning", text=f"No dial reaches {', '.join(outside)} of {own.name}."))
        n = 0

        def step() -> None:
            nonlocal n
            n += 1
            tell(Told("macros", 1.0 - math.exp(-n / _MANY)))

        ears, as_it_is = Ears(space.over(pinned), workers, step), Ears(space.over(plain), workers, step)
        try:
            made = make(own, space, ears, as_it_is, draws)
        finally:
            ears.close()
            as_it_is.close()
    _write(out, own, space, made, repeats)
    tell(Told("ready", 1.0))


def _text(own: OwnPreset, pinned: bool = False) -> str:
    settings = own.content["settings"] | (dict.fromkeys(_PINNED, 0.0) if pinned else {})
    return json.dumps({**own.content, "settings": settings}, allow_nan=False) + "\n"


def _drawn(space: ParameterSpace, name: str, workers: int) -> Draws:
    """Return some renders of the preset as it is.

    Raises:
        PatchError: It is silent.
    """
    ears = Ears(space, workers)
    try:
        draws = Draws(ears.hear([space.neutral] * _N_DRAWS))
    finally:
        ears.close()
    if max(one.lufs for one in draws.heard) < _SILENT_LUFS:
        raise PatchError(f"{name} is silent at C4, so no macro can be found for it. Pick another preset.")
    return draws


def _write(out: Path, own: OwnPreset, space: ParameterSpace, made: Made, repeats: float) -> None:
    flow = own_flow(space, made.reach)
    tensors = {f"flow.{name}": array for name, array in flow_tensors(space, made.reach).items()}
    presets = ModelPresets(
        names=(own.name,),
        kinds=(own.style or "Own",),
        places=np.full((1, 2), 0.5, np.float32),
        latents=np.zeros((1, len(space)), np.float32),
        patches=space.neutral[None],
    )
    write_folder(
        out,
        space=space,
        weights=tensors,
        macros=own_macros(made.dials, flow, space.index("volume")),
        presets=presets,
        settings=ModelSettings(note=NOTE),
        base=_text(own).encode(),
    )
    write_card(out, own, space, made, repeats)

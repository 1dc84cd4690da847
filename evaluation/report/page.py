"""Write the page: `python evaluate.py report --model NAME --out FOLDER`."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from core.atomic_file import write_atomically
from core.errors import ConfigError
from evaluation.environment import hardware
from evaluation.evaluated_model import EvaluatedModel
from evaluation.patch_renderer import PatchRenderer
from evaluation.report.answers import (
    SHOWN,
    check_side_by_side,
    elsewhere,
    reconstruction,
    summary,
)
from evaluation.report.clips import ClipFolder
from evaluation.report.latent_view import latent_view
from evaluation.report.sections import ReportContext, interpolation, latent_map, macros, moving
from evaluation.report.semantic_dimensions import semantic

__all__ = ["write_report"]

_TEMPLATES = Path(__file__).parent / "templates"
logger = logging.getLogger(__name__)


def write_report(
    model: EvaluatedModel,
    out: Path,
    *,
    others: Sequence[EvaluatedModel] = (),
    audio: Sequence[Path] = (),
    voices: Sequence[Path] = (),
    disentangled: EvaluatedModel | None = None,
    n_sounds: int = 6,
    seed: int = 0,
    workers: int = 2,
    command: str = "",
) -> Path:
    """Render everything, and write `index.html` with its sounds and pictures beside it.

    Args:
        model: The model.
        others: Models whose answers are shown beside its own.
        out: Folder, created if absent.
        audio: Folders of other sounds.
        voices: Folders of vocal sketches.
        disentangled: A run of Flow_dis, for the semantic dimensions.
        n_sounds: Number of reconstructions, and of sounds from each folder.
        seed: Seed of every draw.
        workers: Engines that render.
        command: The command, shown on the page.

    Returns:
        The path of `index.html`.

    Raises:
        ConfigError: jinja2 or matplotlib is missing, `out` cannot be written, or the models differ too much.
    """
    missing = [name for name in ("jinja2", "matplotlib") if find_spec(name) is None]
    if missing:
        raise ConfigError(f'the page needs {" and ".join(missing)}: python -m pip install -e ".[figures]"')
    check_side_by_side(model, others)
    clips = ClipFolder(out, model.mel.sample_rate, model.note.seconds)
    references = model.references()
    with PatchRenderer(model.space, model.mel.sample_rate, workers) as renderer:
        context = ReportContext(model, renderer, clips, references, latent_view(model), seed, others)
        sections = {
            "reconstruction": reconstruction(context, n_sounds),
            "macros": macros(context),
            "moving": moving(context),
            "interpolation": interpolation(context),
            "map": latent_map(context),
            "elsewhere": [elsewhere(context, folder, n_sounds) for folder in audio],
            "voices": [elsewhere(context, folder, n_sounds) for folder in voices],
        }
    words: list[object] = []
    if disentangled is not None:
        with PatchRenderer(disentangled.space, disentangled.mel.sample_rate, workers) as renderer:
            words = list(semantic(replace(context, model=disentangled, renderer=renderer, others=())))
    facts = {
        "name": model.name,
        "names": [one.name for one in (model, *others)],
        "summary": summary(sections),
        "space": model.space.name,
        "n_parameters": len(model.space),
        "references": references.description,
        "figures": [*(figure.title for figure in SHOWN), "closer than the nearest"],
        "command": command,
        "hardware": hardware(),
        "note": model.note,
        "sample_rate": model.mel.sample_rate,
        "semantic": words,
        "semantic_run": disentangled.name if disentangled else "",
        **sections,
    }
    page = out / "index.html"
    try:
        write_atomically(page, _render(facts))
    except OSError as error:
        raise ConfigError(f"{page} cannot be written: {error.strerror}; pick another --out.") from error
    return page


def _render(facts: Mapping[str, object]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(facts)

"""From a plug-in's file to the settings of a build: its controls, where its patches come from, and how many.

What is found lies in `controls` in the run's folder, for people to read and to edit:

    space.yaml      the controls that the model moves, the volume among them
    left-out.yaml   all others, each with the reason
    programs.csv    the plug-in's programs, where it has any that can be read, or else
    kinds.yaml      how patches are drawn around the one that the plug-in starts with
    settings.yaml   sizes that fit the minutes and the plug-in's speed
"""

import logging
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from core.atomic_file import write_atomically
from core.errors import ConfigError, RenderError
from core.plain_file import read_yaml
from core.space import ParameterSpace, Patch
from synths.catalog import facts_of
from synths.discover.space import found_space, left_out_of, write_space
from synths.discover.survey import NOTE, Survey, survey
from synths.engine import Note
from training.build.budget import SHARES
from training.data.programs import write_programs
from training.data.split import LEAST_SHARDS

__all__ = ["PreparedPlugin", "model_name", "prepare_plugin"]

logger = logging.getLogger(__name__)

_BASE = Path(__file__).parents[2] / "configs" / "plugin.yaml"
_SURVEY_SHARE = 0.15  # of the minutes, at most
_SURVEY_S = 60.0  # that it has anyway
_MOST_CONTROLS = 32  # more need more patches than an evening renders
_LEAST_PROGRAMS = 40  # of fewer, too few would be held out
_MOST_STATE_BYTES = 500_000
_TURNS = 3.5  # renders until a patch has its level
_ANALYSIS_S = 0.06  # a patch
_MOST_PATCHES = 32_512
_FULL_RENDERS = 20_000  # from which a package is as thorough as that of the model that ships
_HEADER = """\
# The controls of {plugin} that the model leaves alone, and why. To have one back, add it to space.yaml (and
# to kinds.yaml, if that is there), delete {data} and {run}/build.yaml, and run the command again.
"""


@dataclass(frozen=True)
class PreparedPlugin:
    """A plug-in that can be built.

    Attributes:
        configs: YAML files of its settings; later ones override earlier ones.
        seconds: That it took to find its controls.
    """

    configs: tuple[Path, ...]
    seconds: float


def model_name(path: Path) -> str:
    """Return the name of a plug-in's model.

    >>> model_name(Path("/somewhere/Surge XT.vst3"))
    'surge-xt'
    """
    return re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "plugin"


def prepare_plugin(
    path: Path, *, minutes: float, runs: Path, workers: int, preset: Path | None = None
) -> PreparedPlugin:
    """Find a plug-in's controls, unless that is done, and write down how it is built.

    Its folder becomes the first of FLOW_SYNTH_PLUGINS, so that this program and those it starts find it.

    Args:
        path: The plug-in.
        minutes: Budget of the whole build.
        runs: Where the run's folder is.
        workers: Processes that render.
        preset: File of the preset to start with; None leaves it to the plug-in.

    Raises:
        RenderError: The plug-in cannot be learned; the message says why.
        ConfigError: What is written cannot be read back.
    """
    path = path.expanduser().absolute()
    given = os.environ.get("FLOW_SYNTH_PLUGINS", "")
    os.environ["FLOW_SYNTH_PLUGINS"] = os.pathsep.join([str(path.parent), *given.split(os.pathsep)]).rstrip(
        os.pathsep
    )
    run = runs / model_name(path)
    folder = run / "controls"
    page = folder / "settings.yaml"
    if not page.exists():
        _find(path, folder, run, minutes, workers, None if preset is None else _state(preset))
    try:
        seconds = float(read_yaml(folder / "survey.yaml")["seconds"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{folder} is damaged ({error!r}). Delete it to start over.") from None
    return PreparedPlugin((_BASE, page), seconds)


def _state(preset: Path) -> bytes:
    try:
        state = preset.expanduser().read_bytes()
    except OSError as error:
        raise ConfigError(f"{preset} cannot be read: {error.strerror}.") from None
    if len(state) > _MOST_STATE_BYTES:
        raise ConfigError(f"{preset} is too large to be carried along; choose a preset of up to 500 kB.")
    return state


def _find(path: Path, folder: Path, run: Path, minutes: float, workers: int, state: bytes | None) -> None:
    began = time.monotonic()
    programs = _programs(path)
    with tqdm(total=100, desc="controls", unit="%", leave=False) as bar:
        found = survey(
            path,
            seconds=max(60.0 * minutes * _SURVEY_SHARE, _SURVEY_S),
            state=state,
            patches=programs,
            told=lambda share: bar.update(round(100 * share) - bar.n),
        )
    space = found_space(path, found, _MOST_CONTROLS, state)
    if len(space) < 2:
        raise RenderError(
            f"only {space.names[0]} of {path.name} changes its sound, which is too little to learn. Choose "
            "another preset as the one that it starts with, if it can do that."
        )
    left_out = left_out_of(space, found)
    folder.mkdir(parents=True, exist_ok=True)
    write_space(folder / "space.yaml", space)
    header = _HEADER.format(plugin=path.name, data=run / "data", run=run)
    _write(folder / "left-out.yaml", {"controls": left_out}, header)
    if len(programs) >= _LEAST_PROGRAMS:
        write_programs(folder / "programs.csv", programs)
    else:
        _write(folder / "kinds.yaml", _kinds(space, found))
    seconds = time.monotonic() - began
    _write(
        folder / "survey.yaml",
        {
            "seconds": round(seconds, 1),
            "render_seconds": round(found.render_s, 4),
            "crashes": found.n_failures,
        },
    )
    _write(folder / "settings.yaml", _settings(run, folder, found, minutes, workers))
    volume = "no volume was heard" if found.volume is None else f"{found.volume.name} is the volume"
    logger.info(
        "%s: %d of %d controls are learned, %s; %d are left out, see %s",
        path.name,
        len(space),
        len(found.controls.defaults),
        volume,
        len(left_out),
        folder / "left-out.yaml",
    )


def _programs(path: Path) -> list[Patch]:
    """Return the programs of a plug-in as far as they can be read."""
    read_banks = facts_of(f"plugin:{path.name}").read_banks
    if read_banks is None:
        return []
    try:
        return read_banks([])
    except ConfigError as error:
        logger.warning("its banks are not used: %s", error)
        return []


def _kinds(space: ParameterSpace, found: Survey) -> dict[str, Any]:
    """Return rules by which patches are drawn: near the one that the plug-in starts with, and far."""
    ranges = {name: [*map(float, found.ranges[name])] for name in space.names if name in found.ranges}
    near = {name: {"neutral": 0.6, "else": range_} for name, range_ in ranges.items()}
    far = {name: {"neutral": 0.2, "else": range_} for name, range_ in ranges.items()}
    return {"default": near, "kinds": {"near": {}, "far": far}}


def _settings(run: Path, folder: Path, found: Survey, minutes: float, workers: int) -> dict[str, Any]:
    """Return settings that fit the minutes and the plug-in's speed."""
    share = SHARES["renders"] + SHARES["between"]
    render_s = found.render_s * Note().seconds / NOTE.seconds
    patch_s = _TURNS * render_s + _ANALYSIS_S
    count = min(round(60.0 * minutes * share * workers / patch_s), _MOST_PATCHES)
    shard_size = min(max(count // (4 * LEAST_SHARDS), 4), 64)
    n_package = 60.0 * minutes * SHARES["package"] * workers / (render_s + _ANALYSIS_S)
    full = min(n_package / _FULL_RENDERS, 1.0)
    patches = "programs.csv" if (folder / "programs.csv").exists() else "kinds.yaml"
    return {
        "name": run.name,
        "runs": run.parent.as_posix(),
        "data": (run / "data").as_posix(),
        "space": (folder / "space.yaml").as_posix(),
        patches.split(".")[0]: (folder / patches).as_posix(),
        "renders": {"count": max(count, LEAST_SHARDS * shard_size), "shard_size": shard_size},
        "package": {
            "sounds": max(4, round(12 * full)),
            "heard_patches": max(200, round(6_000 * full)),
            "macro_steps": max(8, round(140 * full)),
            "curve_points": max(11, round(50 * full)),
            "targets": max(24, round(300 * full)),
            "sketch_targets": max(12, round(48 * full)),
        },
    }


def _write(path: Path, data: Any, header: str = "") -> None:
    write_atomically(path, header + yaml.safe_dump(data, sort_keys=False, allow_unicode=True))

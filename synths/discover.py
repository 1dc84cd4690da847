"""Make a parameter space of any VST3 or Audio Unit: `python -m synths.discover PLUGIN --out FILE.yaml`.

The plug-in is loaded in a process of its own and its parameters are moved one at a time. Those that change
the sound make the space, the most audible first. Switches stay as the plug-in starts with them.
"""

import argparse
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from core.atomic_file import write_atomically
from core.command import log_to_terminal
from core.distances import log_mel_distance
from core.errors import BridgeError, RenderError
from core.loudness import momentary_loudness
from core.mel import MelConfig, log_mel
from core.space import Parameter, ParameterSpace, Patch
from synths.catalog import FRESH_PLUGIN, PLUGIN
from synths.child_process import run_in_child
from synths.engine import Note
from synths.plugin import PluginEngine, plugin_folders
from synths.space_files import load_space

__all__ = ["Discovery", "discover", "discover_here"]

logger = logging.getLogger(__name__)

_NOTE = Note(held_seconds=1.0, seconds=1.5)
_MEL = MelConfig(n_frames=32)
_EQUAL_LUFS = -24.0
_SILENT_LUFS = -70.0
_MOST_STEPS = 64  # a parameter of no more steps is a switch
_TRIED = (0.0, 0.3, 0.7, 1.0)
_N_PATCHES = 3  # the first is the plug-in's own, the others random: some parameters are heard only there
_INAUDIBLE_DB = 0.1
_CARRIES_OVER_DB = 0.3  # beyond this between two renders of one patch, each render gets a new instance
_TIMEOUT_S = 900.0


@dataclass(frozen=True)
class Discovery:
    """What was found in a plug-in.

    Attributes:
        space: The audible parameters, the most audible first.
        changes_db: How much each of them changes the log-mel at equal loudness.
        switches: Number of steps of each parameter that has few.
        inaudible: Parameters that change nothing.
        loudness_only: Parameters that change the loudness and nothing else.
        carry_over_db: Distance between two renders of a patch by one instance, with another in between.
    """

    space: ParameterSpace
    changes_db: Mapping[str, float]
    switches: Mapping[str, int]
    inaudible: Sequence[str]
    loudness_only: Sequence[str]
    carry_over_db: float


class _Sound(NamedTuple):
    """A render: its log-mel at equal loudness, and how loud it was."""

    mel: np.ndarray
    lufs: float


def discover(
    path: Path, *, size: int | None = None, seed: int = 0, timeout_s: float = _TIMEOUT_S
) -> Discovery:
    """Find the audible parameters of a plug-in, in a process of its own.

    Args:
        path: The plug-in.
        size: Most parameters of the space; None takes all audible ones.
        seed: Of the random patches in which parameters are tried.
        timeout_s: After this the plug-in is stopped.

    Raises:
        RenderError: The plug-in is missing, crashes, hangs, stays silent or is not an instrument.
    """
    if not path.exists():
        raise RenderError(f"there is no plug-in at {path}.")
    return run_in_child(discover_here, path, size, seed, what=path.name, timeout_s=timeout_s)


def discover_here(path: Path, size: int | None = None, seed: int = 0) -> Discovery:
    """Do the work of `discover` in this process."""
    engine = PluginEngine(path)
    if _play(engine, {}) is None:
        raise RenderError(
            f"{path.name} is silent with the patch it starts with. It may need a licence, samples or a "
            "preset: open it in a host once."
        )
    carry_over_db = _carry_over(engine)
    fresh = carry_over_db > _CARRIES_OVER_DB
    if fresh:
        engine = PluginEngine(path, fresh=True)
    own = engine.own_parameters()
    steps = {name: int(own[k].num_steps) for name, k in engine.indices.items()}
    booleans = {name for name, k in engine.indices.items() if own[k].is_boolean}
    switches = {n: s for n, s in steps.items() if n in booleans or s <= _MOST_STEPS}
    moving = [name for name in engine.indices if name not in switches]
    changes, louder = _move_each(engine, moving, seed)
    audible = sorted((n for n in moving if changes[n] > _INAUDIBLE_DB), key=lambda n: -changes[n])[:size]
    if not audible:
        raise RenderError(f"no continuous parameter of {path.name} changes its sound.")
    return Discovery(
        space=_space(path, engine, audible, fresh),
        changes_db={name: changes[name] for name in audible},
        switches=switches,
        inaudible=[n for n in moving if changes[n] <= _INAUDIBLE_DB and louder[n] <= _INAUDIBLE_DB],
        loudness_only=[n for n in moving if changes[n] <= _INAUDIBLE_DB < louder[n]],
        carry_over_db=carry_over_db,
    )


def _move_each(
    engine: PluginEngine, moving: Sequence[str], seed: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Move parameters one at a time in a few patches.

    Returns:
        The largest change of each one's log-mel at equal loudness, and of its loudness, dB.
    """
    rng = np.random.default_rng(seed)
    changes = dict.fromkeys(moving, 0.0)
    louder = dict.fromkeys(moving, 0.0)
    for k in range(_N_PATCHES):
        patch: Patch = (
            {} if k == 0 else dict(zip(moving, rng.uniform(size=len(moving)).tolist(), strict=True))
        )
        before = _play(engine, patch)
        if before is None:
            continue
        floor_db = log_mel_distance(before.mel, (_play(engine, patch) or before).mel)
        for name in moving:
            for value in _TRIED:
                after = _play(engine, {**patch, name: value})
                if after is None:
                    louder[name] = np.inf
                    continue
                change_db = log_mel_distance(before.mel, after.mel) - 2.0 * floor_db
                changes[name] = max(changes[name], change_db)
                louder[name] = max(louder[name], abs(after.lufs - before.lufs))
    return changes, louder


def _space(path: Path, engine: PluginEngine, names: Sequence[str], fresh: bool) -> ParameterSpace:
    numbers = [parameter.control_change for parameter in load_space("vital-64")]
    parameters = [
        Parameter(
            name=name,
            label=name,
            caption=name,
            low=0.0,
            high=1.0,
            neutral=round(engine.defaults[name], 6),
            control_change=numbers[k] if k < len(numbers) else 0,
        )
        for k, name in enumerate(names)
    ]
    stem = path.stem.lower().replace(" ", "-")
    kind = FRESH_PLUGIN if fresh else PLUGIN
    return ParameterSpace(f"{stem}-{len(parameters)}", f"{kind}{path.name}", parameters)


def _carry_over(engine: PluginEngine) -> float:
    """Return the distance between two renders of the starting patch with others in between, dB."""
    rng = np.random.default_rng(0)
    first = _play(engine, {})
    assert first is not None
    distances = []
    for _ in range(2):
        engine.render({name: float(rng.uniform()) for name in engine.indices}, _NOTE)
        distances.append(log_mel_distance(first.mel, (_play(engine, {}) or first).mel))
    return max(distances)


def _play(engine: PluginEngine, patch: Patch) -> _Sound | None:
    """Play a patch; None for silence."""
    mono = engine.render(patch, _NOTE).mean(axis=0)
    loudness = momentary_loudness(mono, engine.sample_rate)
    if loudness < _SILENT_LUFS:
        return None
    return _Sound(log_mel(mono * 10.0 ** ((_EQUAL_LUFS - loudness) / 20.0), _MEL), loudness)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("plugin", type=Path, help="a .vst3 or .component")
    parser.add_argument("--out", type=Path, required=True, help="YAML file of the space")
    parser.add_argument("--size", type=int, help="most parameters (all audible ones)")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    log_to_terminal(logging.INFO)
    try:
        found = discover(args.plugin.absolute(), size=args.size, seed=args.seed)
        text = yaml.safe_dump(found.space.to_dict(), sort_keys=False, allow_unicode=True)
        write_atomically(args.out, text)
    except BridgeError as error:
        logger.error("%s", error)
        return 2
    except OSError as error:
        logger.error("%s cannot be written: %s.", args.out, error.strerror)
        return 2
    _report(found)
    if args.plugin.absolute().parent not in plugin_folders():
        logger.info("Before rendering, set FLOW_SYNTH_PLUGINS=%s", args.plugin.absolute().parent)
    return 0


def _report(found: Discovery) -> None:
    lines = [f"{name:32} changes the sound by {db:5.1f} dB" for name, db in found.changes_db.items()]
    lines += [f"{name:32} switch of {steps} steps, left as it is" for name, steps in found.switches.items()]
    lines += [f"{name:32} loudness only, left as it is" for name in found.loudness_only]
    lines += [f"{name:32} inaudible" for name in found.inaudible]
    print("\n".join(lines))
    if found.space.synth.startswith(FRESH_PLUGIN):
        logger.info(
            "Earlier notes change later ones (%.1f dB), so each render gets a new instance.",
            found.carry_over_db,
        )


if __name__ == "__main__":
    sys.exit(main())

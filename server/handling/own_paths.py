"""Paths from one of people's own presets to another, where their structures allow one."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BridgeError, ProtocolError
from core.space import ParameterSpace
from server.instrument.preset_file import check_name
from server.osc.answers import Answer, Reply, Work, status
from server.osc.hints import hint
from server.own.own_files import check_size, find_own_files
from server.tracks.track import Track

__all__ = ["COMMAND", "OwnPaths"]

COMMAND = (sys.executable, "-m", "adopting.morph")
_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_S = 30.0
_MOST_TRIED = 12  # presets that sound like the wanted one, in its place
_MOST_REASONS = 3


class OwnPaths:
    """Answers `/flow/path/own`.

    Args:
        folders: Where presets lie.
        command: What tells how presets are played on the structure of another; see `adopting.morph`.

    Attributes:
        names_like: Returns names of presets that sound like one, nearest first.
    """

    def __init__(self, folders: Sequence[Path], command: Sequence[str] = COMMAND) -> None:
        self._folders = tuple(folders)
        self._command = tuple(command)
        self.names_like: Callable[[str], list[str]] = lambda name: []
        self.by_address: dict[str, Callable[..., list[Answer]]] = {"/flow/path/own": self._add}

    def _add(self, track: Track, name: str) -> list[Answer]:
        name, instrument = check_name(name), track.instrument
        space = instrument.model.space
        if space.base is None:
            raise ProtocolError(
                "this instrument plays none of your own presets, whose structure a path could keep. Play one "
                "with /flow/own first."
            )
        base, near = space.base, self.names_like(name)[:_MOST_TRIED]

        def work() -> list[tuple[str, dict[str, Any]]]:
            files = find_own_files(self._folders)
            if name not in files:
                raise ProtocolError(f"there is no preset of your own called '{name}'; {hint(name, files)}")
            check_size(files[name])
            names = [name, *(one for one in near if one in files and one != name)]
            return list(zip(names, self._expressed(base, [files[one].path for one in names]), strict=False))

        def land(found: list[tuple[str, dict[str, Any]]]) -> list[Answer]:
            if instrument.model.space is not space:  # another preset was chosen meanwhile
                return []
            _, wanted = found[0]
            if "patch" not in wanted:
                other = next((one for one, told in found[1:] if _leads_elsewhere(told, space)), "")
                raise ProtocolError(_in_the_way(name, wanted, other))
            patch = space.check(np.array(wanted["patch"], np.float32))
            path = instrument.path
            since = len(path)
            if not len(path):
                path.add(instrument.latent, instrument.current_patch(), instrument.place)
            latent = instrument.model.flow.invert(patch).astype(np.float64)
            path.add(latent, patch, instrument.preset_map.place_of(latent))
            told = [Reply(datagram, "listeners") for datagram in path.messages(since)]
            return [*told, status(f"the path leads to '{name}'", "listeners")]

        return [Work("own path", work, land)]

    def _expressed(self, base: Path, files: Sequence[Path]) -> list[dict[str, Any]]:
        """Return what is told of each file, in a process that a damaged one may crash.

        Raises:
            BridgeError: Nothing is told of the first.
        """
        try:
            ended = subprocess.run(
                [*self._command, str(base), *map(str, files)],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LONGEST_S,
                check=False,
            )
            told = [json.loads(line) for line in ended.stdout.splitlines()]
        except (OSError, ValueError, subprocess.TimeoutExpired):
            told = []
        if not told:
            raise BridgeError(f"{files[0].name} cannot be read; open it in Vital and save it again.")
        return told


def _leads_elsewhere(told: dict[str, Any], space: ParameterSpace) -> bool:
    """Whether a preset can be reached, and is not the one that plays."""
    return "patch" in told and not np.allclose(told["patch"], space.neutral, atol=1e-5)


def _in_the_way(name: str, told: dict[str, Any], other: str) -> str:
    if "error" in told:
        return str(told["error"])
    reasons = [str(reason) for reason in told.get("in_the_way", ())]
    more = f" and {len(reasons) - _MOST_REASONS} more" if len(reasons) > _MOST_REASONS else ""
    text = f"no path leads to '{name}': {', '.join(reasons[:_MOST_REASONS])}{more} would have to change."
    return f"{text} One leads to '{other}', which sounds like it." if other else text

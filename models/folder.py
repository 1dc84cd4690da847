"""A model folder: everything that serving needs, and nothing that can run code.

    model.yaml             format, parameter space, synth, settings, a checksum per data file
    weights.safetensors    tensors: flow.*, encoder.*, proxy.*
    macros.yaml            names of all macros, the first eight of which are on dials, and of the
                           descriptors in their curves
    macros.safetensors     directions or chart, ranges, resting point, descriptor curves
    base.vital             somebody's own preset that it plays on; none in a model of the program's own space
    presets.yaml           names and kinds of the presets
    presets.safetensors    their places on the map, latents and patches
    sketch.safetensors     a bank of renders and known distances, for sketches; not needed to play
    MODEL_CARD.md          for people

References:
    docs/architecture.md, "The model folder".
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_file import write_together
from core.errors import CheckpointError, ConfigError
from core.mel import MelConfig
from core.plain_file import read_text
from core.space import ParameterSpace
from models.folder_files import (
    checked_files,
    digest_of,
    read_tensors,
    read_yaml,
    tensor_bytes,
    texts,
    yaml_bytes,
)
from models.macros import N_DIALS, LoudnessCurve, Macros
from models.served_flow import ServedFlow, read_flow
from models.settings import ModelSettings
from models.steering.chart import Chart
from models.steering.pace import Pace

__all__ = ["BASE", "FORMAT", "ModelFolder", "ModelPresets", "write_folder", "write_macros"]

FORMAT = 1
BASE = "base.vital"
_HEAD = "model.yaml"
_WEIGHTS = "weights.safetensors"
_MACROS, _MACRO_NAMES = "macros.safetensors", "macros.yaml"
_PRESETS, _PRESET_NAMES = "presets.safetensors", "presets.yaml"
_MACRO_ARRAYS = ("directions", "low", "high", "resting", "descriptor_curves")
_CHARTED, _RISES, _LOUDNESS, _PACES = "charted", "rises", "loudness", "paces"
_PRESET_ARRAYS = ("places", "latents", "patches")
_REPLACED_S = 0.02  # the files of a folder are replaced within a millisecond, see `write_together`
_MOST_REWRITTEN = 4  # times that a folder is read again because it was rewritten


@dataclass(frozen=True, kw_only=True)
class ModelPresets:
    """Named points of the latent space, each with a place on a map where neighbours sound alike.

    Attributes:
        names, kinds: N names and kinds of sound.
        places: (x, y) on the map, each within 0 to 1, `(N, 2)`.
        latents: `(N, D)`.
        patches: Normalized parameters, `(N, P)`; `latents` decode to these.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    places: np.ndarray
    latents: np.ndarray
    patches: np.ndarray

    def __len__(self) -> int:
        """Return the number of presets, N."""
        return len(self.names)


@dataclass(frozen=True, kw_only=True)
class ModelFolder:
    """A trained model as the live side sees it.

    Attributes:
        path: The folder itself.
        name: The folder's name; clients choose models by it.
        space: The parameters that it moves; D equals P.
        flow: Latents to parameters and back.
        vocabulary: All its macros, in order of choice.
        macros: Those that are on dials: the first eight of them, unless the player chose others.
        presets: Named points on a map.
        settings: How it hears, what it was trained on, and its networks.
        files: SHA-256 of every data file by name.
    """

    path: Path
    name: str
    space: ParameterSpace
    flow: ServedFlow
    vocabulary: Macros
    macros: Macros
    presets: ModelPresets
    settings: ModelSettings
    files: Mapping[str, str]

    @property
    def mel(self) -> MelConfig:
        """How sounds become mels.

        Raises:
            CheckpointError: The model answers no sounds.
        """
        if self.settings.mel is None:
            raise CheckpointError(f"{self.path / _HEAD} lacks 'mel'. Fetch the folder again.")
        return self.settings.mel

    @classmethod
    def load(cls, path: Path) -> "ModelFolder":
        """Read and check a model folder; one that is rewritten meanwhile is read again.

        Raises:
            CheckpointError: A file is missing, truncated, altered or belongs to another model; the
                message names the file and what to do.
        """
        for _ in range(_MOST_REWRITTEN):
            before = _version(path)
            try:
                return cls._read(path)
            except CheckpointError:
                time.sleep(_REPLACED_S)  # so that whoever is replacing the files has replaced the last one
                if _version(path) == before:
                    raise
        return cls._read(path)

    @classmethod
    def _read(cls, path: Path) -> "ModelFolder":
        head = _read_head(path)
        own = (BASE,) if "base" in head["space"] else ()
        names = (_WEIGHTS, _MACRO_NAMES, _MACROS, _PRESET_NAMES, _PRESETS, *own)
        with checked_files(path, names, head["files"]):
            return cls._of(path, head, own)

    @classmethod
    def _of(cls, path: Path, head: dict[str, Any], own: Sequence[str]) -> "ModelFolder":
        try:
            space = ParameterSpace.from_dict(head["space"], f"{path / _HEAD}")
            space = space.over(path / BASE) if own else space
            settings = ModelSettings.from_dict(head, f"{path / _HEAD}")
        except ConfigError as error:
            raise CheckpointError(f"{error} Fetch the folder again.") from error
        tensors = read_tensors(path / _WEIGHTS, "flow.")
        try:
            flow = read_flow(settings.flow, tensors)
        except CheckpointError as error:
            raise CheckpointError(f"{path}: {error}") from error
        if flow.n_latent != len(space):
            raise CheckpointError(
                f"{path} predicts {flow.n_latent} parameters, but {space.name} has {len(space)}. "
                f"Pick another with --model, or train one: python train.py --set space={space.name}"
            )
        vocabulary = _read_macros(path, flow)
        return cls(
            path=path,
            name=path.name,
            space=space,
            flow=flow,
            vocabulary=vocabulary,
            macros=vocabulary.select(range(min(N_DIALS, len(vocabulary)))),
            presets=_read_presets(path, flow.n_latent),
            settings=settings,
            files=head["files"],
        )


def write_folder(
    path: Path,
    *,
    space: ParameterSpace,
    weights: Mapping[str, np.ndarray],
    macros: Macros,
    presets: ModelPresets,
    settings: ModelSettings,
    base: bytes | None = None,
) -> None:
    """Write a model folder that `ModelFolder.load` reads, also where one is there and is being read.

    Args:
        path: Folder, made if absent; its name becomes the model's.
        space: The parameters the model moves.
        weights: Tensors, each named with its part: `flow.`, `encoder.`, `proxy.`.
        macros: All its macros, in order of choice.
        presets: Named points on a map.
        settings: The rest of `model.yaml`.
        base: The preset that it plays on, where that is somebody's own.
    """
    path.mkdir(parents=True, exist_ok=True)
    contents = {
        _WEIGHTS: tensor_bytes(weights),
        **_macro_contents(macros),
        _PRESET_NAMES: yaml_bytes({"names": list(presets.names), "kinds": list(presets.kinds)}),
        _PRESETS: tensor_bytes({name: getattr(presets, name) for name in _PRESET_ARRAYS}),
        **({} if base is None else {BASE: base}),
    }
    head = {
        "format": FORMAT,
        "space": (space if base is None else space.over(Path(BASE))).to_dict(),
        "synth": space.synth,
        **settings.to_dict(),
        "files": {name: digest_of(data) for name, data in contents.items()},
    }
    write_together({path / name: data for name, data in {**contents, _HEAD: yaml_bytes(head)}.items()})


def write_macros(path: Path, macros: Macros) -> None:
    """Write other macros into a model folder; nothing else in it changes.

    Raises:
        CheckpointError: There is no model folder.
    """
    head, contents = _read_head(path), _macro_contents(macros)
    head["files"] |= {name: digest_of(data) for name, data in contents.items()}
    write_together({path / name: data for name, data in {**contents, _HEAD: yaml_bytes(head)}.items()})


def _macro_contents(macros: Macros) -> dict[str, bytes]:
    words = {"names": list(macros.names), "descriptors": list(macros.descriptor_names)}
    return {_MACRO_NAMES: yaml_bytes(words), _MACROS: tensor_bytes(_macro_tensors(macros))}


def _version(path: Path) -> str | None:
    """Return what tells one version of a folder from another; None where there is nothing to be read."""
    try:
        return read_text(path / _HEAD)
    except (OSError, ValueError, ConfigError):
        return None


def _read_head(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise CheckpointError(f"there is no model folder at {path}. Pick one with --model NAME.")
    head = read_yaml(path / _HEAD)
    if head.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} has model format {str(head.get('format'))[:40]}, this version reads {FORMAT}. "
            "Fetch the folder again, or train one: python -m training.build configs/vital-32.yaml"
        )
    for key in ("space", "files"):
        if not isinstance(head.get(key), dict):
            raise CheckpointError(f"{path / _HEAD} lacks '{key}'. Fetch the folder again.")
    return head


def _macro_tensors(macros: Macros) -> dict[str, np.ndarray]:
    tensors = {name: getattr(macros, name) for name in _MACRO_ARRAYS}
    if macros.rises is not None:
        tensors[_RISES] = macros.rises
    if macros.loudness:
        tensors[_LOUDNESS] = np.array([curve.values for curve in macros.loudness], np.float32)
    if macros.paces:
        tensors[_PACES] = np.array([pace.values for pace in macros.paces], np.float64)
    if macros.chart is not None:
        tensors |= {_CHARTED: np.array(macros.charted, np.int32), **macros.chart.tensors()}
    return tensors


def _read_macros(path: Path, flow: ServedFlow) -> Macros:
    words, tensors = read_yaml(path / _MACRO_NAMES), read_tensors(path / _MACROS)
    try:
        arrays: dict[str, Any] = {name: tensors[name] for name in _MACRO_ARRAYS}
        base = flow.leveler if flow.has_level else None
        chart = Chart.from_tensors(tensors, flow.n_latent - flow.has_level, base)
        if chart is not None:
            arrays |= {"chart": chart, "charted": tuple(tensors[_CHARTED].tolist()), "flow": flow}
        if _RISES in tensors:
            arrays[_RISES] = tensors[_RISES]
        for key, made in ((_LOUDNESS, LoudnessCurve), (_PACES, Pace)):
            if key in tensors:
                arrays[key] = tuple(made(row) for row in _curves(path, key, tensors))
        macros = Macros(
            names=texts(words["names"], path / _MACRO_NAMES),
            descriptor_names=texts(words["descriptors"], path / _MACRO_NAMES),
            **arrays,
        )
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} has no complete macros: {error}.") from error
    m = len(macros)
    ends = (m,)
    shapes = {
        "directions": (m, flow.n_latent),
        "low": ends,
        "high": ends,
        "resting": (flow.n_latent,),
        "descriptor_curves": (m, len(macros.descriptor_names), *macros.descriptor_curves.shape[2:]),
    }
    if macros.rises is not None:
        shapes[_RISES] = ends
    _check(path / _MACROS, arrays, shapes)
    if not m or not (macros.high > macros.low).all() or macros.descriptor_curves.ndim != 3:
        raise CheckpointError(f"{path / _MACROS} is damaged. Fetch the folder again.")
    return macros


def _curves(path: Path, key: str, tensors: Mapping[str, np.ndarray]) -> list[list[float]]:
    """Return one curve a macro.

    Raises:
        CheckpointError: They are not what they should be.
    """
    curves, m = tensors[key], len(tensors["low"])
    _check(path / _MACROS, {key: curves}, {key: (m, *curves.shape[1:])})
    if curves.ndim != 2 or curves.shape[1] < 2 or (key == _PACES and not (np.diff(curves) > 0.0).all()):
        raise CheckpointError(f"{path / _MACROS} is damaged: its {key}. Fetch the folder again.")
    rows: list[list[float]] = curves.tolist()
    return rows


def _check(file: Path, arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Check that tensors have their shapes, and finite values.

    Raises:
        CheckpointError: One has not.
    """
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise CheckpointError(f"{file} belongs to another model: its {name} do not fit.")
        if not np.isfinite(arrays[name]).all():
            raise CheckpointError(f"{file} has values that are not finite. Fetch the folder again.")


def _read_presets(path: Path, n_latent: int) -> ModelPresets:
    words, tensors = read_yaml(path / _PRESET_NAMES), read_tensors(path / _PRESETS)
    try:
        arrays = {name: tensors[name] for name in _PRESET_ARRAYS}
        presets = ModelPresets(
            names=texts(words["names"], path / _PRESET_NAMES),
            kinds=texts(words["kinds"], path / _PRESET_NAMES),
            **arrays,
        )
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} has no complete preset map: {error}.") from error
    n = len(presets)
    if len(presets.kinds) != n:
        raise CheckpointError(f"{path / _PRESET_NAMES} is damaged. Fetch the folder again.")
    shapes = {"places": (n, 2), "latents": (n, n_latent), "patches": (n, n_latent)}
    _check(path / _PRESETS, arrays, shapes)
    return presets

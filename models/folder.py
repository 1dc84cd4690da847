"""A model folder: everything that serving needs, and nothing that can run code.

    model.yaml             name, synth, parameter space, mel, architecture, a checksum per file
    weights.safetensors    tensors: flow.*, encoder.*, proxy.*
    macros.yaml            names of the macros, and of the descriptors in their curves
    macros.safetensors     directions, ranges, resting point, descriptor curves
    presets.yaml           names and kinds of the points on the map
    presets.safetensors    their places, latents and patches
    sketch.safetensors     a bank of renders and known distances, for sketches; not needed to play
    MODEL_CARD.md          for people

References:
    DESIGN of the model folder: docs/architecture.md.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.errors import CheckpointError, ConfigError
from core.space import ParameterSpace
from models.coupling_arrays import CouplingArrays
from models.macros import Macros

__all__ = ["FORMAT", "ModelFolder", "PresetMap", "read_tensors", "write_folder"]

FORMAT = 1
_FILES = (
    "weights.safetensors",
    "macros.yaml",
    "macros.safetensors",
    "presets.yaml",
    "presets.safetensors",
)


@dataclass(frozen=True, kw_only=True)
class PresetMap:
    """Named points of the latent space, placed by how they sound.

    Attributes:
        names, kinds: N names and kinds of sound.
        places: Map coordinates within 0 to 1, `(N, 2)`.
        latents: `(N, D)`.
        patches: Normalized parameters, `(N, P)`; `latents` decode to these.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    places: np.ndarray
    latents: np.ndarray
    patches: np.ndarray

    def __len__(self) -> int:
        """Count the presets, N."""
        return len(self.names)


@dataclass(frozen=True, kw_only=True)
class ModelFolder:
    """A trained model as the live side sees it.

    Attributes:
        path: The folder itself.
        name: The folder's name; clients choose models by it.
        space: The parameters it moves; D equals P.
        flow: Latent to parameters and back.
        macros: Dials.
        presets: Map of named points.
        settings: The rest of `model.yaml`: mel, architecture.
    """

    path: Path
    name: str
    space: ParameterSpace
    flow: CouplingArrays
    macros: Macros
    presets: PresetMap
    settings: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path) -> "ModelFolder":
        """Read and check a model folder.

        Raises:
            CheckpointError: A file is missing, truncated, altered or belongs to another model; the
                message names the file and what to do.
        """
        settings = _read_settings(path)
        _check_files(path, settings)
        try:
            space = ParameterSpace.from_dict(settings["space"], f"{path / 'model.yaml'}")
        except ConfigError as error:
            raise CheckpointError(f"{error} Fetch the folder again.") from error
        flow = CouplingArrays.from_tensors(read_tensors(path / "weights.safetensors", "flow."))
        if flow.n_latent != len(space):
            raise CheckpointError(
                f"{path} predicts {flow.n_latent} parameters, but {space.name} has {len(space)}. "
                f"Pick another with --model, or train one: python train.py --set space={space.name}"
            )
        macros = _read_macros(path, flow.n_latent)
        presets = _read_presets(path, flow.n_latent)
        return cls(
            path=path,
            name=path.name,
            space=space,
            flow=flow,
            macros=macros,
            presets=presets,
            settings=settings,
        )


def read_tensors(path: Path, prefix: str = "") -> dict[str, np.ndarray]:
    """Read the tensors whose name starts with a prefix, without the prefix.

    Raises:
        CheckpointError: The file is missing or damaged.
    """
    try:
        with safe_open(str(path), framework="numpy") as file:
            names = [n for n in file.keys() if n.startswith(prefix)]
            return {n[len(prefix) :]: file.get_tensor(n) for n in names}
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged: {error}. Fetch the folder again.") from error


def write_folder(
    path: Path,
    *,
    space: ParameterSpace,
    weights: Mapping[str, np.ndarray],
    macros: Macros,
    presets: PresetMap,
    settings: Mapping[str, Any],
) -> None:
    """Write a model folder that `ModelFolder.load` reads; an existing one is replaced file by file.

    Args:
        path: Folder, made if absent; its name becomes the model's.
        space: The parameters the model moves.
        weights: Tensors, each named with its part: `flow.`, `encoder.`, `proxy.`.
        macros: Dials.
        presets: Map of named points.
        settings: Mel and architecture, added to `model.yaml`.
    """
    path.mkdir(parents=True, exist_ok=True)
    contents = {
        "weights.safetensors": save(_contiguous(weights)),
        "macros.yaml": _yaml({"names": list(macros.names), "descriptors": list(macros.descriptor_names)}),
        "macros.safetensors": save(
            _contiguous(
                {
                    "directions": macros.directions,
                    "low": macros.low,
                    "high": macros.high,
                    "resting": macros.resting,
                    "descriptor_curves": macros.descriptor_curves,
                }
            )
        ),
        "presets.yaml": _yaml(
            {"names": list(presets.names), "kinds": list(presets.kinds)},
        ),
        "presets.safetensors": save(
            _contiguous(
                {
                    "places": presets.places,
                    "latents": presets.latents,
                    "patches": presets.patches,
                }
            )
        ),
    }
    files = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    head = {"format": FORMAT, "space": space.to_dict(), **settings, "files": files}
    for name, data in {**contents, "model.yaml": _yaml(head)}.items():
        partial = path / f"{name}.partial"
        partial.write_bytes(data)
        os.replace(partial, path / name)


def _contiguous(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {n: np.ascontiguousarray(t) for n, t in tensors.items()}


def _yaml(data: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120).encode()


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing. Fetch the folder again.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}. Fetch the folder again.") from error
    if not isinstance(data, dict):
        raise CheckpointError(f"{path} is empty or damaged. Fetch the folder again.")
    return data


def _read_settings(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        raise CheckpointError(f"there is no model folder at {path}. Pick one with --model NAME.")
    settings = _read_yaml(path / "model.yaml")
    if settings.get("format") != FORMAT:
        raise CheckpointError(
            f"{path} has model format {settings.get('format')}, this version reads {FORMAT}. "
            "Fetch the folder again, or train one: python train.py configs/vital-32.yaml"
        )
    for key in ("space", "files"):
        if not isinstance(settings.get(key), dict):
            raise CheckpointError(f"{path / 'model.yaml'} lacks '{key}'. Fetch the folder again.")
    return settings


def _check_files(path: Path, settings: Mapping[str, Any]) -> None:
    for name in _FILES:
        file = path / name
        if not file.is_file():
            raise CheckpointError(f"{file} is missing. Fetch the folder again.")
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != settings["files"].get(name):
            raise CheckpointError(
                f"{file} is truncated, altered or from another model. Fetch the folder again."
            )


def _read_macros(path: Path, n_latent: int) -> Macros:
    words = _read_yaml(path / "macros.yaml")
    tensors = read_tensors(path / "macros.safetensors")
    try:
        macros = Macros(
            names=tuple(words["names"]),
            descriptor_names=tuple(words["descriptors"]),
            directions=tensors["directions"],
            low=tensors["low"],
            high=tensors["high"],
            resting=tensors["resting"],
            descriptor_curves=tensors["descriptor_curves"],
        )
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} has no complete macros: {error}.") from error
    if macros.directions.shape != (len(macros), n_latent):
        raise CheckpointError(f"{path / 'macros.safetensors'} belongs to another model.")
    return macros


def _read_presets(path: Path, n_latent: int) -> PresetMap:
    words = _read_yaml(path / "presets.yaml")
    tensors = read_tensors(path / "presets.safetensors")
    try:
        presets = PresetMap(names=tuple(words["names"]), kinds=tuple(words["kinds"]), **tensors)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} has no complete preset map: {error}.") from error
    if presets.latents.shape != (len(presets), n_latent):
        raise CheckpointError(f"{path / 'presets.safetensors'} belongs to another model.")
    return presets

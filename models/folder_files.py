"""The files of a model folder: YAML for words, safetensors for arrays, and errors that name the file."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.errors import CheckpointError

__all__ = ["check_files", "digest_of", "read_tensors", "read_yaml", "tensor_bytes", "yaml_bytes"]


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds keys and values.

    Raises:
        CheckpointError: The file is missing or damaged.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing. Fetch the folder again.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}. Fetch the folder again.") from error
    if not isinstance(data, dict):
        raise CheckpointError(f"{path} is empty or damaged. Fetch the folder again.")
    return data


def yaml_bytes(data: Mapping[str, Any]) -> bytes:
    """Return what a YAML file of keys and values holds."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120).encode()


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


def tensor_bytes(tensors: Mapping[str, np.ndarray]) -> bytes:
    """Return what a safetensors file holds."""
    return save({n: np.ascontiguousarray(t) for n, t in tensors.items()})


def digest_of(data: bytes) -> str:
    """Return the checksum of a file's contents, as `model.yaml` lists it."""
    return hashlib.sha256(data).hexdigest()


def check_files(path: Path, names: Iterable[str], digests: Mapping[str, str]) -> None:
    """Check that the named files of a folder are as they were written.

    Raises:
        CheckpointError: One is missing, truncated, altered or of another model.
    """
    for name in names:
        file = path / name
        if not file.is_file():
            raise CheckpointError(f"{file} is missing. Fetch the folder again.")
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != digests.get(name):
            raise CheckpointError(
                f"{file} is truncated, altered or from another model. Fetch the folder again."
            )

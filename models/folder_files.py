"""The files of a model folder: YAML for words, safetensors for arrays, and errors that name the file."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.errors import CheckpointError, ConfigError
from core.plain_file import check_finite
from core.plain_file import read_yaml as read_plain_yaml

__all__ = [
    "checked_files",
    "digest_of",
    "in_bytes",
    "read_tensors",
    "read_yaml",
    "tensor_bytes",
    "texts",
    "yaml_bytes",
]

_STEPS = ":steps"  # behind the name of a matrix in bytes: what a step of each row is
_TOP = 127
_MAX_BYTES = 8 << 20  # names of ten thousand presets have 0.3 MB


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds keys and values.

    Raises:
        CheckpointError: The file is missing or damaged.
    """
    try:
        data = read_plain_yaml(path, _MAX_BYTES)
        check_finite(data, str(path))
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing. Fetch the folder again.") from None
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}. Fetch the folder again.") from error
    except ConfigError as error:
        raise CheckpointError(f"{error} It is damaged: fetch the folder again.") from error
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise CheckpointError(f"{path} is empty or damaged. Fetch the folder again.")
    return data


def texts(values: Any, path: Path) -> tuple[str, ...]:
    """Return a list of texts out of a file.

    Raises:
        CheckpointError: It is no such list.
    """
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise CheckpointError(f"{path} is damaged: it lacks a list of texts. Fetch the folder again.")
    return tuple(values)


def yaml_bytes(data: Mapping[str, Any]) -> bytes:
    """Return what a YAML file of keys and values holds."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120).encode()


def read_tensors(path: Path, prefix: str = "") -> dict[str, np.ndarray]:
    """Read the tensors whose name starts with a prefix, without the prefix; those in bytes as float32.

    Raises:
        CheckpointError: The file is missing or damaged.
    """
    try:
        with safe_open(str(path), framework="numpy") as file:
            names = [n for n in file.keys() if n.startswith(prefix)]
            tensors = _from_bytes({n[len(prefix) :]: file.get_tensor(n) for n in names})
    except (SafetensorError, OSError, ValueError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged: {error}. Fetch the folder again.") from error
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise CheckpointError(f"{path} has values that are not finite. Fetch the folder again.")
    return tensors


def in_bytes(name: str, matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Return a matrix `(n, ...)` in 8 bits with a step for each row; `read_tensors` gives it back as float32.

    Answers of a model whose large matrices are kept so are the same within a few thousandths of a latent.
    """
    rows = matrix.reshape(len(matrix), -1).astype(np.float32)
    least = float(np.finfo(np.float16).tiny)
    steps = np.maximum(np.abs(rows).max(axis=1) / _TOP, least).astype(np.float16)
    numbers = np.clip(np.round(rows / steps.astype(np.float32)[:, None]), -_TOP, _TOP).astype(np.int8)
    return {name: numbers.reshape(matrix.shape), f"{name}{_STEPS}": steps}


def _from_bytes(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    read = {name: tensor for name, tensor in tensors.items() if not name.endswith(_STEPS)}
    for name in read.keys() & {name.removesuffix(_STEPS) for name in tensors.keys() - read.keys()}:
        steps = tensors[f"{name}{_STEPS}"].astype(np.float32)
        read[name] = read[name] * steps.reshape(-1, *[1] * (read[name].ndim - 1))
    return read


def tensor_bytes(tensors: Mapping[str, np.ndarray]) -> bytes:
    """Return what a safetensors file holds."""
    return save({n: np.ascontiguousarray(t) for n, t in tensors.items()})


def digest_of(data: bytes) -> str:
    """Return the checksum of a file's contents, as `model.yaml` lists it."""
    return hashlib.sha256(data).hexdigest()


@contextmanager
def checked_files(path: Path, names: Iterable[str], digests: Mapping[str, str]) -> Iterator[None]:
    """Check the named files of a folder before they are read, and afterwards that these were the ones read.

    Raises:
        CheckpointError: One is missing, truncated, altered or of another model, or was replaced meanwhile.
    """
    files = {name: _checked(path / name, digests.get(name)) for name in names}
    yield
    for name, marks in files.items():
        try:
            same = _marks((path / name).stat()) == marks
        except OSError:
            same = False
        if not same:
            raise CheckpointError(f"{path / name} was replaced while the model was opened. Open it again.")


def _checked(file: Path, wanted: str | None) -> tuple[int, ...]:
    """Return what tells a file from another one that takes its place, once its contents were checked."""
    if not file.is_file():
        raise CheckpointError(f"{file} is missing. Fetch the folder again.")
    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            marks = _marks(os.fstat(stream.fileno()))
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}. Check its permissions.") from error
    if digest != wanted:
        raise CheckpointError(f"{file} is truncated, altered or from another model. Fetch the folder again.")
    return marks


def _marks(facts: os.stat_result) -> tuple[int, ...]:
    return facts.st_ino, facts.st_size, facts.st_mtime_ns

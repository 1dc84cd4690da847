"""A folder of rendered patches: shards that any safetensors reader opens, and a description of them.

    dataset.yaml                  space, seed, note, mel: what determines the dataset
    shard-00000.safetensors       patches (n, P) f32, mels (n, n_mels, n_frames) f16,
                                  descriptors (n, n_descriptors) f32, kinds (n,) i32, fine (n, 26, 368) u8

A shard is written under another name and moved into place, so a shard that exists is complete.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from core.atomic_file import write_atomically
from core.descriptors import DESCRIPTOR_NAMES, describe
from core.errors import ConfigError
from core.fine_frames import FINE_SHAPE, fine_frames
from core.mel import MelConfig, log_mel
from core.plain_file import read_yaml
from core.space import ParameterSpace
from core.store.kept_files import set_aside

__all__ = ["Dataset", "DatasetFolder", "RenderedRow", "read_together"]

logger = logging.getLogger(__name__)

_FORMAT = 1


@dataclass(frozen=True, eq=False)
class RenderedRow:
    """One rendered patch; the fields are rows of `Dataset`'s."""

    patch: np.ndarray
    mel: np.ndarray
    descriptors: np.ndarray
    kind: int
    fine: np.ndarray

    @classmethod
    def of(
        cls, patch: np.ndarray, audio: np.ndarray, kind: int, mel: MelConfig, held_seconds: float
    ) -> "RenderedRow":
        """Analyse the levelled sound of a patch, `(n_samples,)` at the mel's sample rate."""
        described = describe(audio, mel.sample_rate, held_seconds)
        return cls(patch, log_mel(audio, mel), described, kind, fine_frames(audio))


@dataclass(frozen=True)
class Dataset:
    """Rendered patches in memory.

    Attributes:
        patches: Normalized parameters, float32 `(N, P)`.
        mels: Log-mels of the levelled renders, float16 `(N, n_mels, n_frames)`.
        descriptors: `(N, n_descriptors)`, see `core.descriptors`.
        kinds: Index of the kind each was drawn from, `(N,)`.
        fine: Fine frames of the levelled renders, uint8 `(N, 26, 368)`, see `core.fine_frames`; zeros where
            a shard has none, because it was rendered before they were kept.
    """

    patches: np.ndarray
    mels: np.ndarray
    descriptors: np.ndarray
    kinds: np.ndarray
    fine: np.ndarray

    @classmethod
    def of_rows(cls, rows: Sequence[RenderedRow], n_parameters: int, mel: MelConfig) -> "Dataset":
        """Collect rows; there may be none."""
        return cls(
            np.array([row.patch for row in rows], np.float32).reshape(-1, n_parameters),
            np.array([row.mel for row in rows], np.float32).reshape(-1, *mel.shape).astype(np.float16),
            np.array([row.descriptors for row in rows], np.float32).reshape(-1, len(DESCRIPTOR_NAMES)),
            np.array([row.kind for row in rows], np.int32),
            np.array([row.fine for row in rows], np.uint8).reshape(-1, *FINE_SHAPE),
        )

    def __len__(self) -> int:
        """Return the number of patches, N."""
        return len(self.patches)

    def __getitem__(self, rows: Any) -> "Dataset":
        """Return some of the rows, by slice, mask or index array."""
        return Dataset(**{name: column[rows] for name, column in vars(self).items()})


class DatasetFolder:
    """A dataset on disk, made by `python -m training.data.render`.

    Args:
        path: The folder, with its `dataset.yaml`.

    Raises:
        ConfigError: The folder is not a dataset.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.facts: dict[str, Any] = read_yaml(path / "dataset.yaml")
            self.space = ParameterSpace.from_dict(self.facts["space"])
            self.mel = MelConfig(**self.facts["mel"])
            self.kinds: tuple[str, ...] = tuple(self.facts["kinds"])
        except FileNotFoundError:
            raise ConfigError(
                f"there is no dataset in {path}. Make one: "
                "python -m training.data.render --space vital-32 --count 5120 --out FOLDER"
            ) from None
        except (KeyError, TypeError, OSError) as error:
            raise ConfigError(f"{path / 'dataset.yaml'} is damaged: {error!r}.") from error

    @classmethod
    def create(cls, path: Path, facts: Mapping[str, Any]) -> "DatasetFolder":
        """Start a dataset, or open an existing one with the same facts, to render what it lacks.

        Raises:
            ConfigError: The folder holds a dataset with other facts.
        """
        wanted = {"format": _FORMAT, **facts}
        page = path / "dataset.yaml"
        if page.exists():
            folder = cls(path)
            different = [k for k in wanted if folder.facts.get(k) != wanted[k]]
            if different:
                raise ConfigError(
                    f"{path} holds a dataset with another {different[0]}. Choose another folder."
                )
            folder._leave_out_cut_shards()
            return folder
        try:
            path.mkdir(parents=True, exist_ok=True)
            write_atomically(page, yaml.safe_dump(wanted, sort_keys=False, allow_unicode=True))
        except OSError as error:
            raise ConfigError(
                f"{page} cannot be written: {error.strerror}. Choose another folder."
            ) from error
        return cls(path)

    def shards(self) -> list[int]:
        """Return the numbers of the shards that are there, in order."""
        names = sorted(self.path.glob("shard-*.safetensors"))
        return [int(name.stem.split("-")[1]) for name in names]

    def _leave_out_cut_shards(self) -> None:
        """Move shards aside that are cut or damaged, so that they are rendered again.

        Earlier versions left one behind when the disk was full, and it counted as done.
        """
        for shard in self.shards():
            try:
                self.n_patches(shard)
            except ConfigError:
                file = self._file(shard)
                moved = set_aside(file)
                if moved is None:
                    raise ConfigError(f"{file} is damaged and cannot be moved. Delete it.") from None
                logger.warning("%s was damaged; it lies in %s now and is rendered again", file.name, moved)

    def n_patches(self, shard: int) -> int:
        """Return how many patches a shard holds, without reading them.

        Raises:
            ConfigError: It is damaged or missing.
        """
        file = self._file(shard)
        try:
            with safe_open(str(file), framework="numpy") as tensors:
                n: int = tensors.get_slice("patches").get_shape()[0]
                return n
        except (SafetensorError, OSError) as error:
            raise ConfigError(f"{file} is damaged ({error}). Delete it and render again.") from error

    def write(self, shard: int, data: Dataset) -> None:
        """Write a shard, completely or not at all.

        Raises:
            ConfigError: It cannot be written.
        """
        tensors = {k: np.ascontiguousarray(v) for k, v in vars(data).items()}
        file = self._file(shard)
        try:
            write_atomically(file, save(tensors))
        except OSError as error:
            why = error.strerror
            raise ConfigError(f"{file} cannot be written: {why}. Make room and render again.") from error

    def read(self, shards: Iterable[int] | None = None) -> Dataset:
        """Read shards, by default all of them, in order.

        Raises:
            ConfigError: A shard is damaged, or there is none.
        """
        return read_together([(self, shards)])

    def read_shard(self, shard: int) -> Dataset:
        """Read one shard.

        Raises:
            ConfigError: It is damaged or missing.
        """
        file = self._file(shard)
        try:
            tensors = load_file(file)
            if "fine" not in tensors:
                tensors["fine"] = np.zeros((len(tensors["patches"]), *FINE_SHAPE), np.uint8)
            return Dataset(*(tensors[name] for name in Dataset.__dataclass_fields__))
        except (SafetensorError, OSError, KeyError) as error:
            raise ConfigError(f"{file} is damaged ({error}). Delete it and render again.") from error

    def _file(self, shard: int) -> Path:
        return self.path / f"shard-{shard:05d}.safetensors"


def read_together(parts: Sequence[tuple[DatasetFolder, Iterable[int] | None]]) -> Dataset:
    """Read shards of datasets that share space and mel, one after another, into the same arrays.

    Each mel is in memory once: 250,000 of the default size take 2.6 GB, and their fine frames 2.4 GB.

    Args:
        parts: Datasets, and which of their shards; None for all.

    Raises:
        ConfigError: A shard is damaged, or a dataset has none.
    """
    listed = [(folder, folder.shards() if shards is None else list(shards)) for folder, shards in parts]
    for folder, numbers in listed:
        if not numbers:
            raise ConfigError(
                f"{folder.path} holds no renders yet. Make some: python -m training.data.render --help"
            )
    wanted = [(folder, number) for folder, numbers in listed for number in numbers]
    n = sum(folder.n_patches(number) for folder, number in wanted)
    together, at = dict[str, np.ndarray](), 0
    for folder, number in wanted:
        shard = folder.read_shard(number)
        for name, rows in vars(shard).items():
            if name not in together:
                together[name] = np.empty((n, *rows.shape[1:]), rows.dtype)
            together[name][at : at + len(rows)] = rows
        at += len(shard)
    return Dataset(**together)

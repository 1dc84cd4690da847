"""A finished build as a few files to take along: `build.tar.00`, `build.tar.01` and so on.

    python -m training.build.results FOLDER --out runs/from-card

unpacks them: the model folder as `model/NAME`, the settings, and the best weights.
"""

import argparse
import io
import logging
import sys
import tarfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO, cast

from core.command import exit_status
from core.errors import ConfigError

__all__ = ["main", "unpack_results", "write_results"]

_PART_BYTES = 15_000_000
_LARGE = 4_096  # numbers of a matrix
_LAST = "settings.yaml"  # it is written last: where it is, everything is

logger = logging.getLogger(__name__)


def write_results(run: Path, model: Path, folder: Path) -> list[Path]:
    """Write the model folder, the settings and the best weights of a build, and return the files.

    Large matrices of the weights are in float16, except those of the flow.

    Args:
        run: Folder of the run.
        model: The model folder.
        folder: Where the files go; those of an earlier build are deleted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("build.tar.*"):
        old.unlink()
    with _Parts(folder) as parts, tarfile.open(fileobj=cast(IO[bytes], parts), mode="w|") as tar:
        tar.add(model, f"model/{model.name}")
        _add(tar, "flow.best.safetensors", _halved(run / "flow.best.safetensors"))
        tar.add(run / "build.yaml", "build.yaml")
        tar.add(run / _LAST, _LAST)
    size = sum(file.stat().st_size for file in parts.files) / 1e6
    logger.info("%s: %d files, %.1f MB", folder, len(parts.files), size)
    return parts.files


def unpack_results(folder: Path, out: Path) -> Path:
    """Unpack what `write_results` wrote, and return the model folder.

    Raises:
        ConfigError: Files are missing or damaged, or hold anything but plain files inside the folder.
    """
    files = sorted(folder.glob("build.tar.*"))
    if not files:
        raise ConfigError(f"there is no build.tar.00 in {folder}. Name the folder that --results wrote.")
    for number, file in enumerate(files):
        if file.name != f"build.tar.{number:02d}":
            raise ConfigError(f"{folder} lacks build.tar.{number:02d}. Copy all of its files again.")
    out.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    try:
        with _Joined(files) as joined, tarfile.open(fileobj=cast(IO[bytes], joined), mode="r|") as tar:
            for member in tar:
                tar.extract(member, out, filter="data")
                names.append(member.name)
    except (tarfile.TarError, OSError) as error:
        raise ConfigError(f"{folder} cannot be unpacked: {error}. Copy all of its files again.") from error
    models = [Path(name) for name in names if name.startswith("model/") and name.count("/") == 1]
    if names[-1:] != [_LAST] or not models:
        raise ConfigError(f"{folder} ends too soon. Copy all of its files again.")
    return out / models[0]


class _Parts(io.RawIOBase):
    """A stream that goes into files of at most 15 MB."""

    def __init__(self, folder: Path) -> None:
        self.files: list[Path] = []
        self._folder, self._left = folder, 0
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> int:  # type: ignore[override]  # tarfile writes nothing but bytes
        view = memoryview(data)
        while view:
            if self._file is None or self._left == 0:
                self._next()
            assert self._file is not None
            n = self._file.write(view[: self._left])
            self._left -= n
            view = view[n:]
        return len(data)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def _next(self) -> None:
        if self._file is not None:
            self._file.close()
        self.files.append(self._folder / f"build.tar.{len(self.files):02d}")
        self._file, self._left = self.files[-1].open("wb"), _PART_BYTES


class _Joined(io.RawIOBase):
    """Files one after another, as one stream."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = list(files)
        self._file: IO[bytes] | None = None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def read(self, n: int = -1) -> bytes:
        data = b""
        while len(data) < n or n < 0:
            if self._file is None:
                if not self._files:
                    break
                self._file = self._files.pop(0).open("rb")
            if not (more := self._file.read(n - len(data) if n >= 0 else -1)):
                self._file.close()
                self._file = None
            data += more
        return data


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def _halved(weights: Path) -> bytes:
    import torch
    from safetensors.torch import load_file, save

    tensors = load_file(weights)
    for name, value in tensors.items():
        if not name.startswith("flow.") and value.dtype == torch.float32 and value.numel() >= _LARGE:
            tensors[name] = value.to(torch.float16)
    return save(tensors)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description="Unpack what a build on another machine gave back.")
    parser.add_argument("folder", type=Path, help="folder with build.tar.00 and the files after it")
    parser.add_argument("--out", type=Path, required=True, help="folder to unpack into")
    return exit_status(partial(_unpack, parser.parse_args(arguments)))


def _unpack(args: argparse.Namespace) -> None:
    model = unpack_results(args.folder, args.out)
    logger.info("unpacked: python run_server.py --model %s", model)


if __name__ == "__main__":
    sys.exit(main())

"""Sounds whose places on a map are known, for people's presets to lie among: the loaded model's own presets.

Whoever has the model writes their patches and places to a file; the process that hears plays them, and writes
their codes beside it. Both are named by content, so another model has others.
"""

import contextlib
import hashlib
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.atomic_file import write_atomically
from core.errors import BridgeError, ConfigError
from core.plain_file import check_finite, read_json
from core.space import ParameterSpace
from core.store.data_folder import make_private
from library.codes import CODE_BYTES, sound_code
from library.heard import SAMPLE_RATE
from library.places import Anchors
from synths.catalog import load_engine
from synths.engine import Note

__all__ = ["MAX_ANCHORS", "ask_for_anchors", "hear_anchors", "read_anchors"]

MAX_ANCHORS = 4_096
_MAX_BYTES = 16 << 20
_CODES = ".codes"


def ask_for_anchors(folder: Path, space: ParameterSpace, patches: np.ndarray, places: np.ndarray) -> Path:
    """Write down which patches are to be heard, and return the file.

    Args:
        folder: Made if it is not there.
        space: Of the patches.
        patches: Normalized values `(N, P)`.
        places: `(N, 2)`.

    Raises:
        OSError: It cannot be written.
    """
    content = {
        "space": space.to_dict(),
        "patches": np.round(patches[:MAX_ANCHORS].astype(float), 6).tolist(),
        "places": np.round(places[:MAX_ANCHORS].astype(float), 6).tolist(),
    }
    text = json.dumps(content, allow_nan=False)
    path = folder / f"anchors-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    if not path.exists():
        make_private(folder)
        write_atomically(path, text, private=True)
    return path


def hear_anchors(path: Path, stopping: Callable[[], bool]) -> None:
    """Play the patches of a file, unless that has been done, and write their codes beside it.

    Args:
        path: Of `ask_for_anchors`.
        stopping: Asked before each patch; nothing is kept then.

    Raises:
        BridgeError: The file is damaged, or the engine is missing.
        OSError: It cannot be read or written.
    """
    if path.with_suffix(_CODES).exists():
        return
    content = _read(path)
    space = ParameterSpace.from_dict(content["space"])
    engine, codes = load_engine(space, SAMPLE_RATE), []
    for values in content["patches"]:
        if stopping():
            return
        audio = engine.render(space.decode(np.array(values, np.float32)), Note())
        codes.append(sound_code(audio.mean(axis=0), SAMPLE_RATE))
    write_atomically(path.with_suffix(_CODES), zlib.compress(np.stack(codes).tobytes()), private=True)


def read_anchors(path: Path) -> Anchors | None:
    """Return the sounds whose places are known; None while they have not been heard, or if damaged.

    Raises:
        OSError: A file cannot be read.
    """
    try:
        content = _read(path)
        places = np.array(content["places"], np.float64)
        n_bytes = len(places) * CODE_BYTES
        unpacked = zlib.decompressobj().decompress(path.with_suffix(_CODES).read_bytes(), n_bytes + 1)
        return Anchors(places, np.frombuffer(unpacked, np.uint8).reshape(len(places), CODE_BYTES))
    except FileNotFoundError:
        return None
    except (BridgeError, ValueError, zlib.error):
        for damaged in (path, path.with_suffix(_CODES)):
            damaged.unlink(missing_ok=True)  # asked for, and heard, again the next time
        return None


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a file of `ask_for_anchors`.

    Raises:
        ConfigError: It is damaged.
    """
    content = read_json(path, _MAX_BYTES)
    check_finite(content, path.name)
    parts = [content.get(key) if isinstance(content, dict) else None for key in ("patches", "places")]
    shapes: list[tuple[int, ...]] = [(), ()]
    with contextlib.suppress(ValueError):  # rows of unequal length
        shapes = [np.shape(part) if isinstance(part, list) else () for part in parts]
    if not all(len(shape) == 2 for shape in shapes) or shapes[0][0] != shapes[1][0] or shapes[1][1] != 2:
        raise ConfigError(f"{path.name} is damaged; delete it.")
    assert isinstance(content, dict), "it has lists"
    return content

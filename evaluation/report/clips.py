"""The sounds of the page, each an mp3 with a picture of its spectrum."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from core.errors import ConfigError
from core.loudness import level
from core.mel import MelConfig, log_mel

__all__ = ["Clip", "ClipFolder"]

_DEPTH_DB = 70.0
_TO_DB = 10.0 / np.log(10.0)
_HOP_SAMPLES = 256
_LONG_SIDE = 320  # columns of a picture, at most


@dataclass(frozen=True)
class Clip:
    """One sound of the page.

    Attributes:
        sound, picture: Files, relative to the page.
        label: Label of the button, such as `Bright Bass, answer`.
    """

    sound: str
    picture: str
    label: str


class ClipFolder:
    """Writes sounds and pictures beside a page.

    Args:
        path: Folder of the page.
        sample_rate: Sample rate of the sounds, Hz.
        seconds: Length of a picture.
    """

    def __init__(self, path: Path, sample_rate: int, seconds: float) -> None:
        self.path, self.sample_rate = path, sample_rate
        hop = max(_HOP_SAMPLES, int(seconds * sample_rate / _LONG_SIDE))
        n_frames = max(1, int(seconds * sample_rate / hop))
        self._seen = MelConfig(
            sample_rate=sample_rate, n_mels=96, hop_samples=hop, n_frames=n_frames, floor=1e-9
        )
        self._n = 0
        try:
            for part in ("sounds", "pictures"):
                (path / part).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"{path} cannot be made: {error.strerror}. Choose another --out.") from error

    def add(self, audio: np.ndarray, label: str) -> Clip:
        """Write a sound, levelled so that all of a page can be heard at one volume.

        Raises:
            ConfigError: The folder cannot be written.
        """
        self._n += 1
        name = f"{self._n:03d}"
        leveled = level(audio, self.sample_rate, -20.0)
        loudest = float(np.abs(leveled).max()) if leveled.size else 0.0
        try:
            file = self.path / "sounds" / f"{name}.mp3"
            soundfile.write(file, leveled / max(loudest, 1.0), self.sample_rate, format="MP3")
            self._picture(leveled, self.path / "pictures" / f"{name}.png")
        except (soundfile.SoundFileError, OSError) as error:
            raise ConfigError(f"{self.path} cannot be written: {error}. Choose another --out.") from error
        return Clip(f"sounds/{name}.mp3", f"pictures/{name}.png", label)

    def _picture(self, audio: np.ndarray, path: Path) -> None:
        from matplotlib import colormaps  # an optional dependency
        from matplotlib.image import imsave

        db = log_mel(audio, self._seen) * _TO_DB
        shade = np.clip((db - db.max()) / _DEPTH_DB + 1.0, 0.0, 1.0)
        imsave(path, colormaps["magma"](shade[::-1]))

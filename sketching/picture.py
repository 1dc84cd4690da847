"""A picture of a sound beside its answer: their mels, on one scale."""

from pathlib import Path

import numpy as np

from core.errors import ConfigError
from core.loudness import level
from core.mel import MelConfig, log_mel

__all__ = ["draw_answer"]

_DEEPEST = -11.0  # about the natural logarithm of the mel's floor
_SIZE_INCHES = (9.0, 3.6)


def draw_answer(path: Path, target: np.ndarray, answer: np.ndarray, mel: MelConfig, title: str) -> None:
    """Draw the levelled log-mels of a sound and of its answer side by side.

    Args:
        path: PNG file.
        target: Mono audio of the sound.
        answer: Mono audio of its answer.
        mel: How both are heard.
        title: Shown above them.

    Raises:
        ConfigError: Matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ConfigError(
            'a picture needs matplotlib; install it: python -m pip install -e ".[figures]"'
        ) from None
    mels = [log_mel(level(audio, mel.sample_rate), mel) for audio in (target, answer)]
    seconds = mel.n_frames * mel.hop_samples / mel.sample_rate
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    figure.suptitle(title)
    for axes, image, name in zip(figure.subplots(1, 2, sharey=True), mels, ("sound", "answer"), strict=True):
        axes.imshow(
            image,
            origin="lower",
            aspect="auto",
            cmap="magma",
            vmin=_DEEPEST,
            vmax=max(float(m.max()) for m in mels),
            extent=(0.0, seconds, 0, mel.n_mels),
        )
        axes.set(title=name, xlabel="seconds")
    figure.axes[0].set_ylabel("mel band")
    try:
        figure.savefig(path, dpi=110)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; pick another --out.") from error

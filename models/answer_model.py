"""What answers sounds: encoder, flow and proxy of a model in plain numpy, so that a sketch needs no torch."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from core.errors import CheckpointError
from models.folder import ModelFolder
from models.folder_files import checked_files, read_tensors
from models.networks.encoder_arrays import EncoderArrays
from models.networks.proxy_arrays import ProxyArrays
from models.networks.sampler_arrays import SamplerArrays
from models.served_flow import ServedFlow

__all__ = ["AnswerModel"]

_PARTS = ("encoder", "proxy", "sampler")
_N_DRAWN = 32  # latents beside the posterior mean, where a model draws any


@dataclass(frozen=True, eq=False)
class AnswerModel:
    """The parts of a model that answer sounds."""

    encoder: EncoderArrays
    flow: ServedFlow
    proxy: ProxyArrays
    sampler: SamplerArrays | None = None

    @classmethod
    def load(cls, folder: ModelFolder) -> Self:
        """Read the parts from a folder.

        Raises:
            CheckpointError: They are not complete, or the folder was rewritten since it was loaded.
        """
        weights, held_seconds = folder.path / "weights.safetensors", folder.settings.note.held_seconds
        with checked_files(folder.path, (weights.name,), folder.files):
            encoder, proxy, sampler = (read_tensors(weights, f"{part}.") for part in _PARTS)
        try:
            return cls(
                EncoderArrays(encoder, held_seconds),
                folder.flow,
                ProxyArrays(proxy, folder.space, folder.mel, held_seconds),
                SamplerArrays(sampler) if sampler else None,
            )
        except KeyError as error:
            raise CheckpointError(f"{weights} lacks {error}. Fetch the folder again.") from error

    def beginnings(self, mel: np.ndarray, fine: np.ndarray) -> np.ndarray:
        """Return latents `(n, D)` where answers may begin: the posterior mean, then those drawn.

        Args:
            mel: Levelled log-mel of the sound, `(n_mels, n_frames)`.
            fine: Its fine frames, bytes `(26, 368)`.
        """
        features = self.encoder.features(mel, fine)
        mean = self.encoder.posterior_mean(features)[None]
        if self.sampler is None:
            return mean
        noise = np.random.default_rng(0).standard_normal((_N_DRAWN, mean.shape[1]))
        return np.concatenate([mean, self.sampler.draw(features, noise)])

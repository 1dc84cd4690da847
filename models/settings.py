"""What `model.yaml` says of a model beside its parameters and checksums."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from core.config import build
from core.errors import ConfigError
from core.mel import MelConfig
from core.playing.note import Note
from models.served_flow import COUPLING

__all__ = ["MOST_WIDE", "ModelSettings"]

MOST_WIDE = 16_384  # of anything in a network or a mel: a number too many in a file would fill the memory
_MOST_HZ = 384_000


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """How a model hears, what it was trained on, and which networks it has.

    Attributes:
        flow: Kind of the flow that plays, one of `models.served_flow.FLOWS`.
        mel: How sounds become mels; None in a folder that plays but answers no sound.
        architecture: Sizes of the networks that answer sounds, as training wrote them.
        note: That the model was trained on.
        target_lufs: Loudness that sounds are brought to before the model hears them.
    """

    flow: str = COUPLING
    mel: MelConfig | None = None
    architecture: Mapping[str, Any] = field(default_factory=dict)
    note: Note = Note()
    target_lufs: float = -24.0

    @classmethod
    def from_dict(cls, head: Mapping[str, Any], source: str) -> "ModelSettings":
        """Read the settings out of what `model.yaml` holds; other keys are left alone.

        Args:
            head: What it holds.
            source: Where it was read, for messages.

        Raises:
            ConfigError: A value is of the wrong type, or a key within one is unknown.
        """
        known = {f.name for f in fields(cls)}
        try:
            settings = build(cls, {key: value for key, value in head.items() if key in known})
            for name, value in settings.architecture.items():
                _check_size(name, value, 0)
            if settings.mel is not None:
                for name in ("n_fft", "hop_samples", "n_mels", "n_frames"):
                    _check_size(f"mel.{name}", getattr(settings.mel, name), 1)
                if not 1 <= settings.mel.sample_rate <= _MOST_HZ:
                    raise ConfigError(f"mel.sample_rate is {settings.mel.sample_rate}, which cannot be.")
            return settings
        except ConfigError as error:
            raise ConfigError(f"{source}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain data, without what there is none of."""
        plain = {**asdict(self), "architecture": dict(self.architecture)}
        return {key: value for key, value in plain.items() if value not in (None, {})}


def _check_size(name: str, value: Any, least: int) -> None:
    if isinstance(value, int) and not least <= value <= MOST_WIDE:
        raise ConfigError(f"{name} is {value}, which cannot be; it goes from {least} to {MOST_WIDE}.")

"""Models as they are to be played: with what was measured of their macros on the player's own synth."""

from pathlib import Path

from calibration.macro_facts import calibrated, in_words, read_macro_facts
from models.folder import ModelFolder

__all__ = ["CalibratedModels"]


class CalibratedModels:
    """Gives models with their calibration, where there is one.

    Args:
        folder: Of the calibrations.
        midi_port: Where the frames go out, if they do: the synth there may have one of its own.
        as_trained: Whether calibrations are left out.

    Attributes:
        words: What the last one does, for the player; empty where there was none.
    """

    def __init__(self, folder: Path, midi_port: str | None = None, as_trained: bool = False) -> None:
        self.words = ""
        self._folder, self._midi_port, self._as_trained = folder, midi_port, as_trained

    def adjust(self, model: ModelFolder) -> ModelFolder:
        """Return a model as it is to be played."""
        self.words = ""
        rows = None if self._as_trained else read_macro_facts(model, self._midi_port, self._folder)
        if rows is None:
            return model
        played = calibrated(model, rows)
        self.words = (
            f"macros of {model.name} as calibration.macros measured them: "
            f"{in_words(rows, bool(played.macros.loudness))} (--as-trained leaves that out)"
        )
        return played

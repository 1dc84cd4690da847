"""Renders made while somebody still sings, so that the first answer is a real render and not a guess.

A recording lasts seconds, in which a few cores render dozens of patches. The sound so far is taken for the
beginning of a note that goes on as it is, and patches like that note are rendered: those of the bank, then
descents along the proxy's gradient from the nearest. When the sound is over, all are compared with the
whole of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sketching.answerer import Answerer
from sketching.candidate import TargetSound
from sketching.extrapolation import extrapolated_mel
from sketching.gradient import descend, guessed_mels
from sketching.rendering.distance import distance_features
from sketching.rendering.render_worker import RenderedPatch, RenderMeasurement

__all__ = ["EarlyRenders"]

_N_NEAR = 3  # patches of the bank in each round
_N_DESCENDED = 4
_STEPS = 20
_TIE = 0.2  # weight of the squared distance from where a descent begins
_GLIDING_SEMITONES = 2  # the middle of a glide moves as it goes on


class EarlyRenders:
    """Patches rendered for one take so far; for one thread.

    Args:
        answerer: Its model and workers are used; it must answer nothing else meanwhile.
    """

    def __init__(self, answerer: Answerer) -> None:
        self.answerer = answerer
        self._note = -1
        self._patches: list[np.ndarray] = []
        self._measured: list[RenderMeasurement] = []

    def __len__(self) -> int:
        """Return the number of renders at the note that was heard last."""
        return len(self._patches)

    def render_round(self, heard: TargetSound, seconds: float, stop: Callable[[], bool]) -> None:
        """Render a few patches for a sound that goes on.

        Args:
            heard: The sound so far.
            seconds: How much of it there is, from its onset on.
            stop: Ends the round at once; unfinished renders are left out.

        Raises:
            RenderError: The engine does not start, or workers ended again and again.
        """
        answerer = self.answerer
        if not self._is_at(heard):
            self._note = heard.note
            self._patches.clear()
            self._measured.clear()
            # Held to the end: that the sound is short so far says nothing of how long it will be.
            answerer.workers.begin(None, replace(answerer.note, note=heard.note), stop)
        mel = extrapolated_mel(heard.mel, seconds, answerer.mel, answerer.note)
        asked = self._fresh(list(answerer.promising_patches(mel)))[:_N_NEAR] + self._fresh(
            self._descended(mel, stop)
        )
        if stop():
            return
        for patch, measured in zip(asked, answerer.workers.measure(asked, stop), strict=True):
            if measured is not None and measured.mel is not None:
                self._patches.append(patch)
                self._measured.append(measured)

    def compared(self, heard: TargetSound) -> list[RenderedPatch]:
        """Return the renders, compared with the whole sound; none if they are at another note."""
        if not self._is_at(heard):
            return []
        answerer = self.answerer
        target = distance_features(heard.audio, answerer.mel.sample_rate, answerer.note.seconds)
        return [
            RenderedPatch(patch, measured.compared(target))
            for patch, measured in zip(self._patches, self._measured, strict=True)
        ]

    def _is_at(self, heard: TargetSound) -> bool:
        """Whether the renders are at the note of a sound, or near the middle of one that glides."""
        apart = _GLIDING_SEMITONES if heard.glides else 0
        return self._note >= 0 and abs(heard.note - self._note) <= apart

    def _fresh(self, patches: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Return those that have not been rendered yet."""
        there = {patch.tobytes() for patch in self._patches}
        return [patch for patch in patches if patch.tobytes() not in there]

    def _descended(self, mel: np.ndarray, stop: Callable[[], bool]) -> Sequence[np.ndarray]:
        """Return descents towards a mel from the renders nearest to it, where the proxy's error is known."""
        if not self._patches:
            return []
        mels = np.stack([np.asarray(one.mel, np.float32) for one in self._measured])
        rows = np.argsort(np.abs(mels - mel).mean(axis=(1, 2)), kind="stable")[:_N_DESCENDED]
        model, anchors = self.answerer.model, np.stack([self._patches[k] for k in rows])
        wanted = mel[None] - (mels[rows] - guessed_mels(model, anchors))
        latents = self.answerer.folder.flow.invert(anchors)
        ties = np.full(len(rows), _TIE, np.float32)
        return list(descend(model, latents, wanted, ties=ties, steps=_STEPS, stop=stop))

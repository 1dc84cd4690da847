"""Answers to a heard sound: a first one at once, then better ones from real renders."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.fine_frames import fine_frames
from core.pitch import PitchTrack
from models.folder import ModelFolder
from models.folder_files import read_tensors
from models.level_arrays import VolumeScale
from models.networks.encoder_arrays import EncoderArrays
from sketching.candidate import Candidate, RefinementProgress, TargetSound
from sketching.choice import choose
from sketching.closeness import closeness_label
from sketching.hearing import HeardSound, hear_recording
from sketching.render_worker import RenderedPatch, RenderMeasurement
from sketching.sketch_file import SketchFile
from sketching.workers import RenderWorkers
from synths.engine import Note

if TYPE_CHECKING:
    from models.regression_flow import RegressionFlow

__all__ = ["Answerer"]

_DB = 10.0 / math.log(10.0)  # natural logarithm of power to dB
_N_CANDIDATES = 6
_N_NEAR = 48  # renders of the bank that are worth trying
_N_GUESSED = 17  # patches that the proxy judges for a first answer: more take longer and find nothing better
_FEWEST = 6  # early renders: with fewer, the proxy's guess is as good
_APART = 0.03  # mean difference of the parameters of two candidates, at least


class Answerer:
    """Answers sounds with patches of one model; for one thread at a time, except `follow`.

    Args:
        model_folder: See `models.folder`.
        workers: Number of processes that render; one for each core by default.
        polite: Whether these run at low priority, so that knobs and audio come first.

    Raises:
        CheckpointError: The folder is damaged.
    """

    def __init__(self, model_folder: Path, workers: int | None = None, *, polite: bool = True) -> None:
        self.folder = ModelFolder.load(model_folder)
        self.space = self.folder.space
        self.sketch_file = SketchFile.load(self.folder)
        self.mel = self.folder.mel
        self.note = self.folder.settings.note
        self.target_lufs = self.folder.settings.target_lufs
        self._encoder = EncoderArrays(read_tensors(model_folder / "weights.safetensors", "encoder."))
        self._volume = VolumeScale.of(self.space)
        self.workers = RenderWorkers(self.space, self.mel, self.target_lufs, workers, polite=polite)

    def warm(self) -> None:
        """Load torch and start the workers, so that the first sound is not answered late."""
        self.workers.start()
        self._guess(np.zeros(self.mel.shape, np.float32), np.zeros(1, np.float32))

    def hear(self, audio: np.ndarray, sample_rate: int, track: PitchTrack | None = None) -> HeardSound:
        """Return a recording as the model hears it; see `sketching.hearing.hear_recording`."""
        return hear_recording(
            audio,
            sample_rate,
            mel=self.mel,
            trained_note=self.note,
            target_lufs=self.target_lufs,
            track=track,
        )

    def follow(self, mel: np.ndarray) -> np.ndarray:
        """Return the patch `(P,)` of the posterior mean for a levelled log-mel `(n_mels, n_frames)`."""
        return np.asarray(self.folder.flow.decode(self._encoder.mean(mel)), np.float32)

    def first(self, heard: TargetSound, rendered: Sequence[RenderedPatch] = ()) -> list[Candidate]:
        """Answer a sound at once: with what the model draws for it, or renders of the bank that seem nearer.

        Nothing is rendered: the proxy judges which is nearest, and closeness is an estimate.

        Args:
            heard: The sound.
            rendered: Early renders for it; if there are more than a few, the nearest of them is the
                answer.

        Returns:
            Candidates, best first, each unlike the others; the same for the same sound.
        """
        if len(rendered) >= _FEWEST:
            return self.best(rendered)
        patches, distances = self._guess(heard.mel, heard.audio)
        rows = choose(patches, distances, _N_CANDIDATES, _APART)
        guessed = [self.sketch_file.estimate(distances[k]) for k in rows]
        return [
            Candidate(patch=patches[k], closeness=c, label=closeness_label(c))
            for k, c in zip(rows, guessed, strict=True)
        ]

    def refine(
        self,
        heard: TargetSound,
        start: Sequence[Candidate],
        seconds: float,
        seed: int = 0,
        stop: Callable[[], bool] = lambda: False,
        *,
        renders: int | None = None,
        rendered: Sequence[RenderedPatch] = (),
    ) -> Iterator[RefinementProgress]:
        """Refine answers with real renders; `sketching.refinement_plan` decides what is rendered.

        Args:
            heard: The sound.
            start: Answers so far, from `first` or an earlier refinement.
            seconds: Time budget.
            seed: The same seed, start, number of renders and number of workers give the same answers.
            stop: Once it returns true, the refinement ends within one render.
            renders: Budget in renders instead, for results that do not depend on the machine's speed.
            rendered: Early renders for it; not counted.

        Yields:
            The best so far, after every few renders; never worse than the start.

        Raises:
            RenderError: The engine is missing, or rendering failed again and again.
        """
        from sketching.refinement_plan import plan_refinement  # brings torch

        self.workers.begin(heard.audio, self.note_at(heard), stop)
        begun = time.monotonic()

        def over() -> bool:
            return stop() or (renders is None and time.monotonic() - begun >= seconds)

        promising = _different([*(c.patch for c in start), *self.promising_patches(heard.mel)])
        plan = plan_refinement(self.model, self.folder.flow, promising, heard.mel, seed, over, rendered)
        tried, n_before = list(rendered), len(rendered)
        asked = next(plan)
        while len(asked):
            if renders is not None:
                asked = asked[: renders - (len(tried) - n_before)]
            told: list[RenderMeasurement] = []
            for patch, measured in zip(asked, self.workers.measure(list(asked), over), strict=True):
                if measured is not None:
                    tried.append(RenderedPatch(patch, measured))
                    told.append(measured)
            n_renders = len(tried) - n_before
            spent = renders is not None and n_renders >= renders
            done = over() or spent or len(told) < len(asked)
            fraction = n_renders / renders if renders else (time.monotonic() - begun) / seconds
            yield RefinementProgress(
                fraction=1.0 if done else min(fraction, 1.0),
                candidates=self.best(tried) or list(start),
                n_renders=n_renders,
            )
            if done:
                return
            asked = plan.send(told)

    def best(self, tried: Sequence[RenderedPatch]) -> list[Candidate]:
        """Return the nearest of these patches as candidates, best first, each unlike the others."""
        patches = np.array([self.leveled(one.patch, one.measurement.loudness) for one in tried])
        distances = np.array([one.measurement.distance_db for one in tried])
        result = []
        for k in choose(patches, distances, _N_CANDIDATES, _APART):
            distance = float(distances[k])
            closeness = self.sketch_file.closeness(distance)
            result.append(
                Candidate(
                    patch=patches[k],
                    closeness=closeness,
                    label=closeness_label(closeness),
                    distance_db=distance,
                )
            )
        return result

    def promising_patches(self, mel: np.ndarray) -> np.ndarray:
        """Return patches `(n, P)` worth trying for a levelled log-mel: posterior mean and near renders."""
        mean = self.follow(mel)[None]
        bank = self.sketch_file.bank
        return mean if bank is None else np.concatenate([mean, bank.nearest(mel, _N_NEAR)])

    def close(self) -> None:
        """End the processes that render."""
        self.workers.close()

    @cached_property
    def model(self) -> "RegressionFlow":
        """Encoder, flow and proxy in torch; loading them takes a second or two."""
        from models.torch_folder import load_regression_flow

        return load_regression_flow(self.folder)

    def leveled(self, patch: np.ndarray, loudness: float) -> np.ndarray:
        """Return a patch, rendered at this loudness (LUFS), with the volume that all are to have."""
        if self._volume is None:
            return patch
        k, volume = self._volume.index, self.space["volume"]
        wanted_db = volume.plain(float(patch[k])) + self.target_lufs - loudness
        leveled = np.array(patch, np.float32)
        wanted_db = min(max(wanted_db, volume.plain(0.0)), volume.plain(1.0))
        leveled[k] = min(max(volume.normalized(wanted_db), 0.0), 1.0)
        return leveled

    def note_at(self, heard: TargetSound) -> Note:
        """Return the note that an answer is played at: the model's own, at the pitch of the sound."""
        return Note(**{**vars(self.note), "note": heard.note})

    def _guess(self, mel: np.ndarray, audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return patches worth trying, and how far the proxy expects each from a sound, in dB of log-mel."""
        from sketching.gradient import drawn_patches, guessed_mels  # brings torch

        drawn = drawn_patches(self.model, mel, fine_frames(audio))
        near = self.promising_patches(mel)[1:_N_GUESSED]  # the posterior mean is among the drawn
        patches = np.concatenate([drawn, near])
        guessed = guessed_mels(self.model, patches)
        return patches, np.abs(guessed - mel).mean(axis=(1, 2)) * _DB


def _different(patches: Sequence[np.ndarray]) -> np.ndarray:
    """Stack patches in order, leaving out repetitions."""
    stacked = np.stack([np.asarray(patch, np.float32) for patch in patches])
    _, first = np.unique(stacked, axis=0, return_index=True)
    return stacked[np.sort(first)]

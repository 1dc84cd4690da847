"""Answers to a heard sound: a first one at once, then better ones from real renders."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from adopting.preset import adopted_space
from core.fine_frames import fine_frames
from core.pitch import PitchTrack
from models.answer_model import AnswerModel
from models.folder import ModelFolder
from sketching.candidate import Candidate, LeveledSound, RefinementProgress, TargetSound
from sketching.choice import alternating, choose, different
from sketching.closeness import closeness_label
from sketching.extrapolation import extrapolated_mel
from sketching.gesture_fitting import GestureFitting
from sketching.gradient import descend, drawn_patches, guessed_mels
from sketching.hearing import HeardSound, hear_recording
from sketching.leveling import Leveling
from sketching.own.search import NearPreset, OwnRender, OwnSearch, OwnTrial
from sketching.refinement_plan import RefinementPlan, Trial, plan_refinement
from sketching.rendering.distance import distance_features
from sketching.rendering.own_renderer import OwnMeasurement
from sketching.rendering.render_worker import RenderedPatch
from sketching.rendering.workers import RenderWorkers
from sketching.sketch_file import SketchFile
from synths.catalog import facts_of
from synths.engine import Note

__all__ = ["FEWEST_EARLY", "Answerer"]

FEWEST_EARLY = 6  # renders during a recording: with fewer, what the proxy finds is as good
_DB = 10.0 / math.log(10.0)  # natural logarithm of power to dB
_N_CANDIDATES = 6
_N_NEAR = 48  # renders of the bank that are worth trying
_N_GUESSED = 17  # patches that the proxy judges for a guess: more take longer and find nothing better
_N_DESCENTS = 6, 6  # of a first answer: from drawn patches, and from near renders
_DESCENT_STEPS = 40
_FLATTERY_DB = 0.5  # by which the proxy takes what came along its gradient for closer than it is
_SHORTEST_NOTE = 0.05  # seconds
_N_OWN = 3  # candidates that are presets of the player's
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
        self.model = AnswerModel.load(self.folder)
        self._leveling = Leveling(self.space, self.target_lufs)
        self.workers = RenderWorkers(self.space, self.mel, self.target_lufs, workers, polite=polite)

    def warm(self) -> None:
        """Start the workers and compute everything once, so that the first sound is not answered late."""
        self.workers.start()
        self._beginnings(np.zeros(self.mel.shape, np.float32), np.zeros(1, np.float32))

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
        return np.asarray(self.folder.flow.decode(self.model.encoder.mean(mel)), np.float32)

    def guess(self, heard: LeveledSound) -> list[Candidate]:
        """Answer a sound at once, in a tenth of a second: with what is drawn for it, or renders of the bank.

        Nothing is rendered: the proxy judges which is nearest, and closeness is an estimate.

        Returns:
            Candidates, best first, each unlike the others; the same for the same sound.
        """
        return self._guessed(self._beginnings(heard.mel, heard.audio))

    def first(
        self,
        heard: LeveledSound,
        rendered: Sequence[RenderedPatch] = (),
        stop: Callable[[], bool] = lambda: False,
    ) -> list[Candidate]:
        """Answer a sound in a second or two: as `guess`, brought nearer along the proxy's gradient.

        Args:
            heard: The sound.
            rendered: Early renders for it; if there are more than a few, the nearest of them is the
                answer.
            stop: Once it returns true, the answer is brought no nearer.

        Returns:
            As `guess`.
        """
        if len(rendered) >= FEWEST_EARLY:
            return self.best(rendered)
        judged = self._beginnings(heard.mel, heard.audio)
        begun = [one.patches[:n] for one, n in zip(judged, _N_DESCENTS, strict=False)]
        latents = self.folder.flow.invert(np.concatenate(begun))
        arrived = descend(self.model, latents, heard.mel[None], steps=_DESCENT_STEPS, stop=stop)
        return self._guessed([*judged, self._judged(arrived, heard.mel, _FLATTERY_DB)])

    def check(
        self, heard: TargetSound, answers: Sequence[Candidate], stop: Callable[[], bool] = lambda: False
    ) -> list[RenderedPatch]:
        """Render answers that only the proxy has judged, in some 0.5 s; `best` makes answers of them again.

        Args:
            heard: The sound.
            answers: Those of `first`.
            stop: Once it returns true, what is not rendered yet is left out.

        Raises:
            RenderError: The engine is missing, or rendering failed again and again.
        """
        self.workers.begin(heard.audio, self.note_at(heard), stop)
        patches = [one.patch for one in answers]
        measured = zip(patches, self.workers.measure(patches, stop), strict=True)
        return [RenderedPatch(patch, one) for patch, one in measured if one is not None]

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
        gestures: bool = True,
        own: Sequence[NearPreset] = (),
    ) -> Iterator[RefinementProgress]:
        """Refine answers with real renders; `sketching.refinement_plan` decides what is rendered.

        Args:
            heard: The sound.
            start: Answers so far, from `first` or an earlier refinement.
            seconds: Time budget.
            seed: The same seed, start, number of renders and number of workers give the same answers.
            stop: Once it returns true, the refinement ends within one render.
            renders: Budget in renders instead, for results that do not depend on the machine's speed.
            rendered: Early renders for it, not counted; only for a sound that is as long as their note.
            gestures: Whether answers may have gestures.
            own: Presets of the player's that may be near, the nearest first.

        Yields:
            The best so far, after every few renders; never worse than the start.

        Raises:
            RenderError: The engine is missing, or rendering failed again and again.
        """
        note = self.note_at(heard)
        self.workers.begin(heard.audio, note, stop)
        begun, closed = time.monotonic(), threading.Event()

        def over() -> bool:
            return closed.is_set() or stop() or (renders is None and time.monotonic() - begun >= seconds)

        same_note = note.held_seconds == self.note.held_seconds
        promising = [*(c.patch for c in start), *self.promising_patches(heard.mel)]
        expected = heard.mel
        if not same_note:  # a note cut off where the sound ends: for the proxy and the bank, it goes on
            expected = extrapolated_mel(heard.mel, note.held_seconds, self.mel, self.note)
            promising = alternating(promising, list(self.promising_patches(expected)))
        plan: RefinementPlan = plan_refinement(
            self.model,
            self.folder.flow,
            different([*(c.patch for c in start[:1]), *promising]),
            heard.mel,
            seed,
            over,
            rendered if same_note else (),
            expected=expected,
            fitting=self._fitting(heard) if gestures else None,
        )
        tried = list(rendered if same_note else ())
        n_renders, own_search = 0, OwnSearch(own, seed)

        with ExitStack() as stack:
            planner = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="descents"))
            stack.callback(closed.set)  # before the thread is waited for
            asked, told = next(plan), list[RenderedPatch]()
            while asked:
                ahead = planner.submit(plan.send, told)
                nearest = min((one.measurement.distance_db for one in tried), default=None)
                own_asked = [] if nearest is None else own_search.ask(nearest)
                if renders is not None:
                    asked = asked[: renders - n_renders]
                    own_asked = own_asked[: renders - n_renders - len(asked)]
                told, own_told = self._measured(asked, own_asked, over)
                own_search.tell(own_told)
                tried += told
                n_renders += len(told) + len(own_told)
                spent = renders is not None and n_renders >= renders
                done = over() or spent or len(told) < len(asked)
                fraction = n_renders / renders if renders else (time.monotonic() - begun) / seconds
                yield RefinementProgress(
                    fraction=1.0 if done else min(fraction, 1.0),
                    candidates=self._with_own(self.best(tried) or list(start), own_search.best()),
                    n_renders=n_renders,
                )
                if done:
                    return
                asked = ahead.result()

    def _measured(
        self, trials: Sequence[Trial], own: Sequence[OwnTrial], stop: Callable[[], bool]
    ) -> tuple[list[RenderedPatch], list[OwnRender]]:
        """Render patches and the player's presets; those that were not rendered are left out."""
        jobs: list[tuple[object, ...]] = [("render", t.patch, t.gestures) for t in trials]
        found = self.workers.carry_out([*jobs, *(("own", t.preset.path, t.patch) for t in own)], stop)
        rendered = zip(trials, found[: len(trials)], strict=True)
        own_rendered = zip(own, found[len(trials) :], strict=True)
        return (
            [RenderedPatch(t.patch, one, t.gestures) for t, one in rendered if one is not None],
            [
                OwnRender(t.preset, one, t.parent)
                for t, one in own_rendered
                if isinstance(one, OwnMeasurement)
            ],
        )

    def _with_own(self, candidates: list[Candidate], own: Sequence[OwnRender]) -> list[Candidate]:
        """Return candidates with the nearest of the player's presets among them, the closest first."""
        if not own:
            return candidates
        leveling, found = Leveling(adopted_space(), self.target_lufs), []
        for one in own[:_N_OWN]:
            closeness = self.sketch_file.closeness(one.distance_db)
            loudness = one.measured.measurement.loudness
            found.append(
                Candidate(
                    patch=leveling.leveled(one.measured.patch, loudness),
                    closeness=closeness,
                    label=closeness_label(closeness),
                    distance_db=one.distance_db,
                    own=one.preset.name,
                    is_refined=one.parent is not None,
                )
            )
        kept = [*candidates[: _N_CANDIDATES - len(found)], *found]
        return sorted(kept, key=lambda candidate: -candidate.closeness)

    def best(self, tried: Sequence[RenderedPatch]) -> list[Candidate]:
        """Return the nearest of these patches as candidates, best first, each unlike the others."""
        patches = np.array([self._leveling.leveled(one.patch, one.measurement.loudness) for one in tried])
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
                    gestures=tried[k].gestures,
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

    def note_at(self, heard: TargetSound) -> Note:
        """Return the note that an answer is played at: at the pitch of the sound, and no longer than it."""
        held = min(self.note.held_seconds, max(heard.seconds, _SHORTEST_NOTE))
        return replace(self.note, note=heard.note, held_seconds=held)

    def _fitting(self, heard: TargetSound) -> GestureFitting | None:
        """Return what draws gestures after a sound; None for a synth that plays none."""
        if not facts_of(self.space).gestures:
            return None
        features = distance_features(heard.audio, self.mel.sample_rate, self.note.seconds)
        return GestureFitting(heard, features.mels[1], self.mel)

    def _beginnings(self, mel: np.ndarray, audio: np.ndarray) -> list["_Judged"]:
        """Return what is drawn for a sound, the posterior mean among it, then renders of the bank near it."""
        drawn = drawn_patches(self.model, mel, fine_frames(audio))
        near = self.promising_patches(mel)[1:_N_GUESSED]
        return [self._judged(patches, mel) for patches in (drawn, near) if len(patches)]

    def _judged(self, patches: np.ndarray, mel: np.ndarray, flattery_db: float = 0.0) -> "_Judged":
        off_db = np.abs(guessed_mels(self.model, patches) - mel).mean(axis=(1, 2)) * _DB
        order = np.argsort(off_db, kind="stable")
        return _Judged(patches[order], off_db[order], off_db[order] + flattery_db)

    def _guessed(self, judged: Sequence["_Judged"]) -> list[Candidate]:
        patches, off_db, likely_db = (np.concatenate(each) for each in zip(*judged, strict=True))
        rows = choose(patches, off_db, _N_CANDIDATES, _APART)
        likely_db = np.maximum.accumulate(likely_db[rows])  # none is to look closer than one before it
        guessed = [self.sketch_file.estimate(off) for off in likely_db]
        return [
            Candidate(patch=patches[k], closeness=c, label=closeness_label(c))
            for k, c in zip(rows, guessed, strict=True)
        ]


class _Judged(NamedTuple):
    """Patches `(n, P)`, nearest first.

    Attributes:
        patches: The patches.
        off_db: How far the proxy expects each from a sound, dB of log-mel, `(n,)`.
        likely_db: The same without what it flatters those that came along its gradient.
    """

    patches: np.ndarray
    off_db: np.ndarray
    likely_db: np.ndarray

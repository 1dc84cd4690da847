"""Whether macros keep their word: figures of real renders along each dial, at presets drawn by a seed.

Per macro and preset the dial goes from 0 to 1 in even steps. A descriptor's change counts in its spreads, the
standard deviation over presets as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.playing.note import Note
from core.ruler.dial_walk import rank_correlation, steps_db, unevenness
from core.ruler.soft_mss import soft_mel_distance
from core.ruler.vocabulary import MEANINGS, Meaning, family
from core.space import ParameterSpace
from evaluation.macros.heard import Heard, hear
from evaluation.patch_renderer import PatchRenderer
from models.folder import ModelPresets
from models.macros import Macros
from models.served_flow import ServedFlow

__all__ = ["RAW_PARAMETERS", "DialFigures", "Ruler", "keeps_its_word"]

_MOST_SPREAD, _SPREAD_OVER = 60, 5  # presets that tell how much is much: at most, and for each one drawn
_RIGHT = 0.25  # spreads by which the named descriptor has to rise
# Raw parameters that macros are compared with: those a musician would reach for first.
RAW_PARAMETERS = (
    "filter_1_cutoff",
    "env_1_attack",
    "env_1_decay",
    "osc_1_wave_frame",
    "sample_level",
    "osc_2_level",
    "osc_1_distortion_amount",
    "modulation_1_amount",
)
_OTHERS = tuple(name for name in DESCRIPTOR_NAMES if name != "loudness")
_LEAST_RHO, _LEAST_RIGHT, _LEAST_PURITY = 0.75, 0.8, 1.0


@dataclass(frozen=True)
class DialFigures:
    """What was measured of one dial.

    Attributes:
        name: Of the macro, or the parameter.
        meaning: What it is judged by.
        rho: Mean rank correlation of the named descriptor with the dial.
        right: Share of presets at which it rises by a quarter of its spread.
        rise: Median of its change from end to end, in spreads.
        purity: Median of its change over the RMS of the changes of all descriptors outside its family.
        loudness_db: Mean over presets of loudest minus softest along the way.
        worst_db: Largest of these.
        evenness: Largest over mean step of soft MSS; 1 is even.
        change_db: Soft MSS from end to end.
        softest_lufs, loudest_lufs: Over all presets and steps.
        peak: Largest absolute sample.
    """

    name: str
    meaning: Meaning
    rho: float
    right: float
    rise: float
    purity: float
    loudness_db: float
    worst_db: float
    evenness: float
    change_db: float
    softest_lufs: float
    loudest_lufs: float
    peak: float


def keeps_its_word(figures: DialFigures) -> bool:
    """Whether a macro may be shipped under its name."""
    return figures.rho >= _LEAST_RHO and figures.right >= _LEAST_RIGHT and figures.purity >= _LEAST_PURITY


class Ruler:
    """Measures dials at presets that a seed draws.

    Args:
        space: The parameters.
        flow: Latents to patches.
        presets: What is drawn from.
        renderer: Plays patches.
        note: That is played.
        n_presets: How many presets.
        steps: Renders from end to end of a dial.
        seed: Draws the presets.
    """

    def __init__(
        self,
        space: ParameterSpace,
        flow: ServedFlow,
        presets: ModelPresets,
        renderer: PatchRenderer,
        *,
        note: Note,
        n_presets: int,
        steps: int,
        seed: int,
    ) -> None:
        self._space, self._flow, self._presets = space, flow, presets
        self._renderer, self._note, self._steps = renderer, note, steps
        n = len(presets)
        self._rows = np.random.default_rng(seed).choice(n, min(n_presets, n), replace=False)
        n_spread = min(_MOST_SPREAD, _SPREAD_OVER * n_presets, n)
        heard = self._hear(presets.patches[np.random.default_rng(0).choice(n, n_spread, replace=False)])
        self._spread = {
            name: float(np.std([one.descriptors[name] for one in heard])) + 1e-9
            for name in heard[0].descriptors
        }

    def macros(self, macros: Macros) -> list[DialFigures]:
        """Measure macros; one whose name promises nothing known is judged by what it moves most."""
        found = []
        for name, macro in zip(macros.names, macros, strict=True):
            walks = [
                self._flow.decode(macro.walk(z.astype(np.float64), self._steps))
                for z in self._presets.latents[self._rows]
            ]
            found.append(self._figures(name, MEANINGS.get(name), walks))
        return found

    def parameters(self, names: Sequence[str], low: np.ndarray, high: np.ndarray) -> list[DialFigures]:
        """Measure raw parameters, each from `low` to `high` (`(P,)`), judged by what it moves most."""
        found = []
        for name in names:
            j, walks = self._space.index(name), []
            for patch in self._presets.patches[self._rows]:
                walk = np.repeat(patch[None], self._steps, axis=0)
                walk[:, j] = np.linspace(low[j], high[j], self._steps)
                walks.append(walk)
            found.append(self._figures(self._space[j].caption, None, walks))
        return found

    def _hear(self, patches: np.ndarray, label: str = "spread") -> list[Heard]:
        audio = self._renderer.render(list(patches), self._note, label)
        return [hear(one, self._renderer.sample_rate, self._note) for one in audio]

    def _figures(self, name: str, meaning: Meaning | None, walks: Sequence[np.ndarray]) -> DialFigures:
        heard = self._hear(np.concatenate(walks), name)
        n = self._steps
        return figures_of(name, meaning, [heard[at : at + n] for at in range(0, len(heard), n)], self._spread)


def figures_of(
    name: str, meaning: Meaning | None, walks: Sequence[Sequence[Heard]], spread: dict[str, float]
) -> DialFigures:
    """Work out the figures of a dial from its walks, one a preset."""
    changes = [
        {
            key: (walk[-1].descriptors[key] - walk[0].descriptors[key]) / spread[key]
            for key in walk[0].descriptors
        }
        for walk in walks
    ]
    meaning = meaning or _most_moved(changes)
    key, sign = meaning.descriptor, meaning.sign
    others = [other for other in _OTHERS if other != key and family(other) != family(key)]
    named = np.array([sign * change[key] for change in changes])
    rest = np.array([np.sqrt(np.mean([change[other] ** 2 for other in others])) for change in changes])
    loud = np.array([[one.descriptors["loudness"] for one in walk] for walk in walks])
    ranges = np.ptp(loud, axis=1)
    return DialFigures(
        name=name,
        meaning=meaning,
        rho=float(
            np.mean([rank_correlation([sign * one.descriptors[key] for one in walk]) for walk in walks])
        ),
        right=float(np.mean(named > _RIGHT)),
        rise=float(np.median(named)),
        purity=float(np.median(named / (rest + 1e-9))),
        loudness_db=float(ranges.mean()),
        worst_db=float(ranges.max()),
        evenness=float(np.mean([unevenness(steps_db([one.mels for one in walk])) for walk in walks])),
        change_db=float(np.mean([soft_mel_distance(walk[0].mels, walk[-1].mels) for walk in walks])),
        softest_lufs=float(loud.min()),
        loudest_lufs=float(loud.max()),
        peak=max(one.peak for walk in walks for one in walk),
    )


def _most_moved(changes: Sequence[dict[str, float]]) -> Meaning:
    mean = {key: float(np.mean([change[key] for change in changes])) for key in _OTHERS}
    key = max(mean, key=lambda name: abs(mean[name]))
    return Meaning(key, 1 if mean[key] > 0 else -1)

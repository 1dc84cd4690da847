"""Semantic tags that can be measured: pairs of opposite words, and how each is measured.

The pairs are those of Esling et al. (DAFx 2019). Seven of their ten have a stand-in here; the other three are
in `UNMEASURED` with the reason. docs/tags.md defines each and says what it misses. Nobody listened to these,
so a tag that a person gave counts more (`core/tag_file.py`).

References:
    Fastl and Zwicker, "Psychoacoustics", 3rd ed. 2007, ch. 9: pleasantness falls with roughness.
    Boersma, "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio",
    1993: the height of the autocorrelation peak as harmonicity.
"""

from dataclasses import dataclass

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES
from core.mel import MelConfig

__all__ = ["TAG_NAMES", "TAG_PAIRS", "UNMEASURED", "TagPair", "TagRules", "measure_tags"]


@dataclass(frozen=True)
class TagPair:
    """Two opposite words.

    Attributes:
        low, high: Words for a small and for a large measure; a tag of 0, and of 1.
        measured: What is measured, in words.
    """

    low: str
    high: str
    measured: str

    @property
    def name(self) -> str:
        """Both words, as in `dark-bright`."""
        return f"{self.low}-{self.high}"


TAG_PAIRS = (
    TagPair("dark", "bright", "power-weighted mean frequency, octaves"),
    TagPair("clean", "dirty", "spectral flatness beyond what brightness explains: what fills the gaps"),
    TagPair("thin", "phat", "share of power below 300 Hz, dB, beyond what the rest explains"),
    TagPair("soft", "aggressive", "mean of roughness (flux) and quickness of the onset, in spreads"),
    TagPair("constant", "moving", "level changes of broad bands that are taken back while held, dB a second"),
    TagPair("static", "dynamic", "difference of the bands between first half and last held second, dB"),
    TagPair("harmonic", "inharmonic", "one less the height of the autocorrelation peak"),
)
TAG_NAMES = tuple(pair.name for pair in TAG_PAIRS)
UNMEASURED = {
    "modern-vintage": "a matter of fashion; no property of one sound",
    "natural-synthetic": "needs to know what instruments sound like; every sound here comes from a synth",
    "narrow-wide": "players mean the stereo image, and the models hear mono",
}
_LOW_HZ = 300.0
_N_BROAD = 8  # broad bands in which movement is measured
_DB = 10.0 / np.log(10.0)
_HEARD_DB = 6.0  # a band nearer to that floor than this is left out, else dark sounds would never move
_RANGE_DB = 50.0  # what lies further below the loudest band of a sound is not heard to move


def measure_tags(
    descriptors: np.ndarray, mels: np.ndarray, mel: MelConfig, held_seconds: float = 3.0
) -> np.ndarray:
    """Measure what decides every pair, before any comparison with other sounds.

    Args:
        descriptors: `(N, n_descriptors)`, see `core.descriptors`.
        mels: Log-mels `(N, n_mels, n_frames)`.
        mel: How they were made.
        held_seconds: When the note was released.

    Returns:
        Float64 `(N, 9)`: centroid, flatness, low share, centroid of the rest, flux, attack, wobble,
        evolution, inharmonicity.
    """

    def descriptor(name: str) -> np.ndarray:
        return descriptors[:, DESCRIPTOR_NAMES.index(name)].astype(np.float64)

    seconds = np.arange(mels.shape[2]) * mel.hop_samples / mel.sample_rate
    band_hz = _band_hz(mel)
    below = np.array([_below(m, band_hz, mel) for m in mels], np.float64).reshape(-1, 2)
    over_time = np.array([_over_time(m, seconds, held_seconds) for m in mels], np.float64).reshape(-1, 2)
    return np.stack(
        [
            descriptor("centroid"),
            descriptor("flatness"),
            *below.T,
            descriptor("flux"),
            descriptor("attack"),
            *over_time.T,
            1.0 - descriptor("pitch_strength"),
        ],
        axis=1,
    )


@dataclass(frozen=True)
class TagRules:
    """What counts as bright or dark among the sounds that the rules were made from.

    A tag is relative: the upper third of the measure gets the high word, the lower third the low one, and the
    third between no tag.

    Attributes:
        middle, spread: Median and spread of every measure, `(9,)`.
        slopes: Of flatness against brightness, and of low share against brightness of the rest, in
            spreads, `(2,)`.
        low, high: Where each pair's lower third ends and its upper third begins, `(7,)`.
    """

    middle: np.ndarray
    spread: np.ndarray
    slopes: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, measures: np.ndarray) -> "TagRules":
        """Build the rules from the measures `(N, 9)` of many sounds, see `measure_tags`."""
        middle = np.median(measures, axis=0)
        quartiles = np.percentile(measures, (25, 75), axis=0)
        spread = np.maximum((quartiles[1] - quartiles[0]) / 1.349, 1e-6)  # a Gaussian's standard deviation
        x = np.clip((measures - middle) / spread, -4.0, 4.0)
        slopes = np.array([_slope(x[:, 0], x[:, 1]), _slope(x[:, 3], x[:, 2])])
        empty = np.zeros(len(TAG_PAIRS))
        scores = cls(middle, spread, slopes, empty, empty).scores(measures)
        low, high = np.percentile(scores, (100 / 3, 200 / 3), axis=0)
        return cls(middle, spread, slopes, low, high)

    def scores(self, measures: np.ndarray) -> np.ndarray:
        """Return how far each sound is towards the high word, `(N, n_tags)`: 0 in the middle, in spreads."""
        x = np.clip((measures - self.middle) / self.spread, -4.0, 4.0)
        bright, flat, bottom, top, rough, slow, wobble, evolution, noise = x.T
        return np.stack(
            [
                bright,
                flat - self.slopes[0] * bright,
                bottom - self.slopes[1] * top,
                0.5 * (rough - slow),
                wobble,
                evolution,
                noise,
            ],
            axis=1,
        )

    def tags(self, measures: np.ndarray) -> np.ndarray:
        """Return tags, float32 `(N, n_tags)`: 1 the high word, 0 the low word, nan neither."""
        scores = self.scores(measures)
        tags = np.full(scores.shape, np.nan, np.float32)
        tags[scores <= self.low] = 0.0
        tags[(scores >= self.high) & (scores > self.low)] = 1.0
        return tags


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Return the slope of the line that predicts y from x."""
    x = x - x.mean()
    return float(x @ y) / max(float(x @ x), 1e-9)


def _below(log_mel: np.ndarray, band_hz: np.ndarray, mel: MelConfig) -> tuple[float, float]:
    """Return the share of power below 300 Hz in dB, and the mean of the rest in octaves above 300 Hz."""
    power = np.maximum(np.exp(np.asarray(log_mel, np.float64)) - mel.floor, 1e-12).sum(axis=1)
    low = band_hz < _LOW_HZ
    share = 10.0 * float(np.log10(power[low].sum() / power.sum() + 1e-6))
    rest = power[~low]
    return share, float(rest @ np.log2(band_hz[~low] / _LOW_HZ)) / float(rest.sum())


def _over_time(log_mel: np.ndarray, seconds: np.ndarray, held_seconds: float) -> tuple[float, float]:
    """Return wobble (dB a second) and evolution (dB) of one log-mel."""
    m = np.asarray(log_mel, np.float64)
    floor = float(m.max()) * _DB - _RANGE_DB
    db = np.maximum(m * _DB, floor)
    playing = (seconds > 0.1) & (seconds < held_seconds - 0.1)
    if playing.sum() < 4:
        return 0.0, 0.0
    wobble = _taken_back(db[:, playing], floor) / (float(np.ptp(seconds[playing])))
    first = db[:, playing & (seconds < 0.6)]
    last = db[:, playing & (seconds > held_seconds - 1.0)]
    if not first.size or not last.size:
        return wobble, 0.0
    first_db, last_db = first.mean(axis=1), last.mean(axis=1)
    sounding = np.maximum(first_db, last_db) > floor + _HEARD_DB
    evolution = float(np.abs(first_db - last_db)[sounding].mean()) if sounding.any() else 0.0
    return wobble, evolution


def _taken_back(db: np.ndarray, floor: float) -> float:
    """Return how far broad bands `(n_mels, n)` go up and down beyond where they end: mean dB of those heard.

    A decay, however fast, takes nothing back; a tremolo or a sweeping filter all of it.
    """
    power = 10.0 ** (db / 10.0)
    # Broad bands, because in narrow ones noise itself goes up and down from frame to frame.
    broad = np.stack([p.sum(axis=0) for p in np.array_split(power, _N_BROAD)])
    level = 10.0 * np.log10(broad)
    heard = level.max(axis=1) > floor + 10.0 * np.log10(len(db) / _N_BROAD) + _HEARD_DB
    if not heard.any():
        return 0.0
    level = level[heard]
    there_and_back = np.abs(np.diff(level, axis=1)).sum(axis=1) - np.abs(level[:, -1] - level[:, 0])
    return float(there_and_back.mean())


def _band_hz(mel: MelConfig) -> np.ndarray:
    """Return the centre of every band, Hz."""
    import librosa  # takes 1.5 s; the words alone never need it

    edges = librosa.mel_frequencies(n_mels=mel.n_mels + 2, fmin=mel.low_hz, fmax=mel.high_hz)
    return np.asarray(edges[1:-1])

"""Find the directions of the latent space that a musician would want a dial for.

A descriptor's direction is the one that predicts it best over all training patches (ridge regression on
latents). The directions are orthogonalized symmetrically, so that each stays as close to the original as
possible. Then the synth decides: every macro is rendered from end to end at several sounds, ordered by how
much the sound changed, oriented so that up is more, and named for the descriptor that moved most.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.descriptors import DESCRIPTOR_NAMES, describe
from core.distances import log_mel_distance
from core.mel import MelConfig, log_mel
from evaluation.patch_renderer import PatchRenderer
from models.macros import Macros, StraightMacro
from models.served_flow import ServedFlow
from synths.engine import Note

__all__ = ["CURVE_POINTS", "N_MACROS", "Traversal", "find_macros", "traverse"]

CURVE_POINTS = 50
_AIMS = (
    "centroid",
    "attack",
    "decay",
    "flatness",
    "flux",
    "tail",
    "movement",
    "brightness_change",
)
N_MACROS = len(_AIMS)
# Descriptor, the name of a macro that raises it, and the name of one that lowers it.
_NAMES = {
    "centroid": ("Bright", "Dark"),
    "bandwidth": ("Wide Spectrum", "Narrow Spectrum"),
    "rolloff": ("Air", "Muffled"),
    "flatness": ("Noisy", "Tonal"),
    "flux": ("Rough", "Calm"),
    "attack": ("Slow Attack", "Fast Attack"),
    "decay": ("Plucked", "Sustained"),
    "tail": ("Dry", "Long Tail"),
    "pitch_strength": ("Pitched", "Unpitched"),
    "movement": ("Moving", "Steady"),
    "brightness_change": ("Opening", "Closing"),
}


@dataclass(frozen=True)
class Traversal:
    """What a walk through the latent or parameter space sounded like.

    Attributes:
        mels: Log-mels along the way, `(n, n_mels, n_frames)`, as loud as played.
        descriptors: `(n, n_descriptors)`.
    """

    mels: np.ndarray
    descriptors: np.ndarray

    @property
    def steps_db(self) -> np.ndarray:
        """Log-mel distance from each step to the next, `(n - 1,)`."""
        pairs = zip(self.mels[:-1], self.mels[1:], strict=True)
        return np.array([log_mel_distance(a, b) for a, b in pairs])

    @property
    def change_db(self) -> float:
        """Log-mel distance from one end to the other."""
        return log_mel_distance(self.mels[0], self.mels[-1])

    @property
    def loudness_range_db(self) -> float:
        """Difference between the loudest and the softest step."""
        return float(np.ptp(self.descriptors[:, DESCRIPTOR_NAMES.index("loudness")]))


def traverse(patches: np.ndarray, renderer: PatchRenderer, mel: MelConfig, note: Note) -> Traversal:
    """Render the patches `(n, P)` of a walk and analyse them."""
    audio = renderer.render(list(patches), note)
    return Traversal(
        np.stack([log_mel(a, mel) for a in audio]),
        np.stack([describe(a, mel.sample_rate, note.held_seconds) for a in audio]),
    )


def find_macros(
    flow: ServedFlow,
    latents: np.ndarray,
    descriptors: np.ndarray,
    sounds: np.ndarray,
    resting: np.ndarray,
    *,
    renderer: PatchRenderer,
    mel: MelConfig,
    note: Note,
    steps: int = 7,
    curve_points: int = CURVE_POINTS,
) -> Macros:
    """Find, order, orient and name eight macros.

    Args:
        flow: Maps latents to patches.
        latents: Latents of the training patches, `(N, D)`.
        descriptors: Descriptors of their renders, `(N, n_descriptors)`.
        sounds: Latents `(n, D)` of the sounds that macros are judged on.
        resting: Latent `(D,)` around which the descriptor curves are measured.
        renderer: Renders patches.
        mel: Mel settings for measuring change.
        note: Note to play.
        steps: Renders from end to end when a macro is judged.
        curve_points: Renders for the descriptor curves, which are linear between them.
    """
    directions = _directions(latents, descriptors, flow.has_level)
    along = latents @ directions.T
    low, high = np.percentile(along, (1, 99), axis=0)
    spread = np.maximum(descriptors.std(axis=0), 1e-6)  # recordings all have the same loudness
    changes, effects = [], []
    for macro in map(StraightMacro, directions, low, high - low):
        walks = [traverse(flow.decode(macro.walk(z, steps)), renderer, mel, note) for z in sounds]
        changes.append(np.mean([w.change_db for w in walks]))
        effects.append(np.mean([(w.descriptors[-1] - w.descriptors[0]) / spread for w in walks], axis=0))
    order = np.argsort(changes)[::-1]
    names, signs = _name([effects[k] for k in order])
    directions = directions[order] * signs[:, None]
    low, high = low[order], high[order]
    low, high = np.where(signs > 0, low, -high), np.where(signs > 0, high, -low)
    curves = [
        traverse(flow.decode(macro.walk(resting, curve_points)), renderer, mel, note).descriptors.T
        for macro in map(StraightMacro, directions, low, high - low)
    ]
    return Macros(
        names=tuple(names),
        directions=directions.astype(np.float32),
        low=low.astype(np.float32),
        high=high.astype(np.float32),
        resting=resting.astype(np.float32),
        descriptor_names=DESCRIPTOR_NAMES,
        descriptor_curves=np.stack([_filled(curve) for curve in curves]).astype(np.float32),
    )


def _filled(curves: np.ndarray) -> np.ndarray:
    """Return curves `(K, n)` interpolated at `CURVE_POINTS` positions."""
    there, wanted = np.linspace(0.0, 1.0, curves.shape[1]), np.linspace(0.0, 1.0, CURVE_POINTS)
    return np.stack([np.interp(wanted, there, curve) for curve in curves])


def _directions(latents: np.ndarray, descriptors: np.ndarray, has_level: bool) -> np.ndarray:
    """Return orthonormal rows `(8, D)`, one for each descriptor in `_AIMS`; none affects the level."""
    aims = [DESCRIPTOR_NAMES.index(name) for name in _AIMS]
    wanted = descriptors[:, aims]
    low, high = np.percentile(wanted, (1, 99), axis=0)
    wanted = np.clip(wanted, low, high)
    wanted = (wanted - wanted.mean(axis=0)) / wanted.std(axis=0)
    x = latents - latents.mean(axis=0)
    if has_level:
        x[:, -1] = 0.0
    ridge = 0.01 * len(x) * np.eye(x.shape[1])
    slopes = np.linalg.solve(x.T @ x + ridge, x.T @ wanted).T
    slopes /= np.linalg.norm(slopes, axis=1, keepdims=True)
    u, _, v = np.linalg.svd(slopes, full_matrices=False)
    return np.asarray(u @ v)


def _name(effects: Sequence[np.ndarray]) -> tuple[list[str], np.ndarray]:
    """Return a name for each macro, none twice, and the signs that make up mean more."""
    names: list[str] = []
    signs = np.ones(len(effects))
    used: set[str] = set()
    for k, effect in enumerate(effects):
        ranked = sorted(_NAMES, key=lambda n: -abs(effect[DESCRIPTOR_NAMES.index(n)]))
        best = next(n for n in ranked if n not in used)
        used.add(best)
        more = effect[DESCRIPTOR_NAMES.index(best)] > 0
        signs[k] = 1.0 if more else -1.0
        names.append(_NAMES[best][0])
    return names, signs

"""The flow of an adopted preset: latents are its controls' free values, counted from the preset.

It is the flow of every model with a single coupling that moves nothing, so all backends play it. The last
latent is the level: at 0 the preset's own volume.
"""

from collections.abc import Mapping

import numpy as np

from core.space import ParameterSpace
from models.served_flow import ServedCoupling
from models.steering.free_values import unsquash
from models.steering.level_arrays import LevelArrays, VolumeScale

__all__ = ["flow_tensors", "own_flow"]

_UNHEARD = 0.05  # a unit of latent of a control that nobody hears, in free values
_UNITS = 5.0  # of latent, from one end of a control to the other


def flow_tensors(space: ParameterSpace, reach: Mapping[int, float]) -> dict[str, np.ndarray]:
    """Return the tensors of the flow, as `ServedCoupling.from_tensors` reads them.

    Args:
        space: The controls; their neutral values are the preset.
        reach: From one end to the other where a control is heard, in free values, by index.
    """
    scale = VolumeScale.of(space)
    assert scale is not None, "the adopted space has Vital's volume"
    k, n = scale.index, len(space) - 1
    others = np.delete(space.neutral.astype(np.float64), k)
    widths = np.delete([reach.get(j, 0.0) / _UNITS or _UNHEARD for j in range(len(space))], k)
    leveler = LevelArrays(
        scale=scale,
        w0=np.zeros((1, n)),
        b0=np.zeros(1),
        w1=np.zeros((1, 1)),
        b1=np.zeros(1),
        w2=np.zeros((1, 1)),
        b2=np.array([space[k].plain(float(space.neutral[k]))]),
    )
    return {
        "shift": unsquash(others).astype(np.float32),
        "scale": widths.astype(np.float32),
        "blocks.0.w0": np.zeros((1, n // 2), np.float32),
        "blocks.0.b0": np.zeros(1, np.float32),
        "blocks.0.w1": np.zeros((1, 1), np.float32),
        "blocks.0.b1": np.zeros(1, np.float32),
        "blocks.0.w2": np.zeros((2 * (n - n // 2), 1), np.float32),
        "blocks.0.b2": np.zeros(2 * (n - n // 2), np.float32),
        "blocks.0.rotation": np.eye(n, dtype=np.float32),
        **leveler.tensors(),
    }


def own_flow(space: ParameterSpace, reach: Mapping[int, float]) -> ServedCoupling:
    """Return the flow itself; see `flow_tensors`."""
    return ServedCoupling.from_tensors(flow_tensors(space, reach))

"""What a macro does, from the present point: parameters and audio descriptors along the dial."""

import numpy as np

from server.instrument.loaded_model import LoadedModel
from server.osc.builder import osc_message

__all__ = ["N_PLACES", "curves"]

N_PLACES = 50


def curves(loaded: LoadedModel, z: np.ndarray, k: int, n: int) -> list[bytes]:
    """Return the `/flow/curve` messages of a macro.

    Args:
        loaded: What plays.
        z: Point `(D,)` that the other directions stay at.
        k: Macro.
        n: How many parameters, those that move furthest first.

    Returns:
        n parameters, by the host's name, then every descriptor measured with the model.
    """
    macros = loaded.model.macros
    patches = loaded.model.flow.decode(macros[k].walk(z, N_PLACES))  # (50, P)
    strongest = np.argsort(-np.ptp(patches, axis=0), kind="stable")[:n]
    named = [("parameter", loaded.model.space.parameters[j].label, patches[:, j]) for j in strongest]
    for name, curve in zip(macros.descriptor_names, macros.descriptor_curves[k], strict=True):
        if np.isfinite(curve).all():
            named.append(("descriptor", name, curve))
    return [osc_message("/flow/curve", kind, name, values) for kind, name, values in named]

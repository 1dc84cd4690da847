"""Which descriptor each macro's name stands for, and which descriptors cannot help moving together."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FAMILIES", "MEANINGS", "Meaning", "family"]


@dataclass(frozen=True)
class Meaning:
    """What a name promises.

    Attributes:
        descriptor: The descriptor that changes.
        sign: 1 where the dial raises it, -1 where it lowers it.
    """

    descriptor: str
    sign: int


# In order of choice: the first eight that keep their word are on the dials.
MEANINGS: Mapping[str, Meaning] = {
    "Bright": Meaning("centroid", 1),
    "Plucked": Meaning("decay", 1),
    "Slow Attack": Meaning("attack", 1),
    "Long Tail": Meaning("tail", -1),
    "Noisy": Meaning("flatness", 1),
    "Moving": Meaning("movement", 1),
    "Warm": Meaning("centroid", -1),
    "Driven": Meaning("crest", -1),
    "Opening": Meaning("brightness_change", 1),
    "Wobbling": Meaning("sweep", 1),
    "Vibrato": Meaning("wobble", 1),
    "Detuned": Meaning("detuning", 1),
    "Rough": Meaning("flux", 1),
    "Hollow": Meaning("hollowness", 1),
    "Echoing": Meaning("tail", -1),
}
FAMILIES: Mapping[str, str] = {
    "centroid": "brightness",
    "rolloff": "brightness",
    "bandwidth": "brightness",
    "flatness": "noise",
    "pitch_strength": "noise",
    "decay": "shape",
    "tail": "shape",
    "movement": "motion",
    "flux": "motion",
    "sweep": "motion",
    "wobble": "motion",
}


def family(descriptor: str) -> str:
    """Return the family of a descriptor; one without relatives is its own.

    >>> family("tail"), family("attack")
    ('shape', 'attack')
    """
    return FAMILIES.get(descriptor, descriptor)

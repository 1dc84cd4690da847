"""Which preset plays: found by its place on the map, whoever loaded it."""

from panel.osc.mirror import Mirror

__all__ = ["LoadedPreset"]

_DIGITS = 5  # a place that was gone to is sent back exactly; one that is estimated is never as near by chance


class LoadedPreset:
    """The preset that was loaded last, and whether the sound has moved away from it since.

    A server sends the exact place of a preset when somebody goes there, so no message of its own is needed,
    and it does not matter which client loaded it.

    Args:
        mirror: The server's state.

    Attributes:
        positions: Of the macros, as the preset has them; where nothing was loaded, as they were found.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._by_focus: dict[str, tuple[str, bool]] = {}
        self._names: dict[tuple[float, float], list[str]] = {}
        self._revision = -1
        self._asked = ""
        self.positions: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """Its name; empty if none is known to have been loaded."""
        return self._by_focus.get(self._mirror.focus, ("", False))[0]

    @property
    def has_changed(self) -> bool:
        """Whether the sound is another by now."""
        return self._by_focus.get(self._mirror.focus, ("", False))[1]

    def ask(self, name: str) -> None:
        """Note which preset this panel goes to: of several at the same place, it is meant."""
        self._asked = name

    def follow(self) -> None:
        """Follow the place on the map, and presets that have come or gone."""
        at = self._mirror.place
        names = self._names_at(at) if at is not None else []
        if names:
            current = self.name
            preferred = [name for name in (self._asked, current) if name in names]
            self._set((preferred or names)[0], changed=False)
        elif self.name:
            self._set(self.name, changed=True)
        if names or len(self.positions) != len(self._mirror.macros):
            self.positions = self._mirror.macros

    def saved(self, name: str) -> None:
        """Note that the current sound was saved under a name."""
        self._asked = name
        self._set(name, changed=False)
        self.positions = self._mirror.macros

    def renamed(self, name: str, new: str) -> None:
        """Note that a preset is called otherwise now."""
        if self.name == name:
            self._set(new, changed=self.has_changed)

    def dials_changed(self) -> None:
        """Note that other macros are on the dials: a reset goes to where they are now."""
        self.positions = self._mirror.macros

    def forget(self) -> None:
        """Forget all; another model plays."""
        self._by_focus, self.positions, self._asked = {}, (), ""

    def _set(self, name: str, *, changed: bool) -> None:
        self._by_focus[self._mirror.focus] = name, changed

    def _names_at(self, place: tuple[float, float]) -> list[str]:
        if self._revision != self._mirror.presets_revision:
            self._revision = self._mirror.presets_revision
            self._names = {}
            for preset in self._mirror.presets.values():
                self._names.setdefault(_rounded(preset.x, preset.y), []).append(preset.name)
        return self._names.get(_rounded(*place), [])


def _rounded(x: float, y: float) -> tuple[float, float]:
    return round(x, _DIGITS), round(y, _DIGITS)

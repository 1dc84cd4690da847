"""What a page does with presets: load, save, rename, delete, bring back, and like."""

from collections.abc import Callable

from panel.osc.link import Link
from panel.state.favourites import Favourites
from panel.state.loaded_preset import LoadedPreset

__all__ = ["PresetActions"]


class PresetActions:
    """Acts on presets for all pages.

    Args:
        link: To the server.
        favourites: What is liked.
        loaded: What plays.
        touch: Called with a topic that has changed.
        complain: Called with a line for players.
    """

    def __init__(
        self,
        link: Link,
        favourites: Favourites,
        loaded: LoadedPreset,
        touch: Callable[[str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._link = link
        self._favourites = favourites
        self._loaded = loaded
        self._touch = touch
        self._complain = complain

    @property
    def favourites(self) -> list[str]:
        """Names of the favourites of the model that plays."""
        return self._favourites.names(self._model)

    def load(self, name: str) -> None:
        """Go to a preset."""
        self._loaded.ask(name)
        self._link.send("/flow/preset/load", name)

    def save(self, name: str) -> None:
        """Save the current sound; one of the player's own of that name is replaced."""
        self._link.send("/flow/preset/save", name)
        self._loaded.saved(name)
        self._touch("loaded")

    def rename(self, name: str, new: str) -> None:
        """Call one of the player's own otherwise."""
        self._link.send("/flow/preset/rename", name, new)
        self._loaded.renamed(name, new)
        self._like(lambda: self._favourites.rename(self._model, name, new))
        self._touch("loaded")

    def delete(self, name: str) -> None:
        """Move one of the player's own into the bin."""
        self._link.send("/flow/preset/delete", name)

    def restore(self, name: str) -> None:
        """Bring back what was deleted last under a name."""
        self._link.send("/flow/preset/restore", name)

    def like(self, name: str, on: bool) -> None:
        """Make a preset a favourite, or make it none."""
        self._like(lambda: self._favourites.like(self._model, name, on))

    def _like(self, change: Callable[[], None]) -> None:
        try:
            change()
        except OSError as error:
            self._complain(
                f"Favourites could not be saved ({error.strerror}). They hold until the panel stops."
            )
        self._touch("favourites")

    @property
    def _model(self) -> str:
        return self._link.mirror.welcome.model if self._link.mirror.welcome else ""

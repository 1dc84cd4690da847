"""The models that instruments play: each is loaded once, however many instruments play it."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from core.errors import ProtocolError
from server.instrument.loaded_model import LoadedModel
from server.instrument.macro_choices import MacroChoices
from server.instrument.preset_file import Preset
from server.instrument.preset_map import PresetMap

__all__ = ["MOST_LOADED", "PlayedModel", "PlayedModels"]

MOST_LOADED = 64  # as many as there are instruments that are played at once


class PlayedModel:
    """A loaded model, with what the instruments that play it share.

    Args:
        loaded: As its folder has it.
        preset_map: Its presets.
        choices: Folder of the player's choices of macros.

    Attributes:
        loaded: The model with the macros that the player chose for it.
        preset_map: Its presets.
        choices: The player's.
    """

    def __init__(self, loaded: LoadedModel, preset_map: PresetMap, choices: Path) -> None:
        self.choices = MacroChoices(choices)
        self.loaded = self.choices.arrange(loaded)
        self.preset_map = preset_map

    @property
    def name(self) -> str:
        """The model's."""
        return self.loaded.model.name


class PlayedModels:
    """Those that are loaded, by name.

    Args:
        loaded: The one that new instruments play, as its folder has it.
        saved: The player's presets.
        choices: Folder of the player's choices of macros.

    Attributes:
        default: The one that new instruments play. It stays loaded.
    """

    def __init__(self, loaded: LoadedModel, saved: Iterable[Preset], choices: Path) -> None:
        self._choices = choices
        self.default = PlayedModel(loaded, PresetMap(loaded, saved), choices)
        self._by_name = {self.default.name: self.default}

    def __iter__(self) -> Iterator[PlayedModel]:
        """Iterate over all."""
        return iter(list(self._by_name.values()))

    def __len__(self) -> int:
        """Count them."""
        return len(self._by_name)

    def get(self, name: str) -> PlayedModel | None:
        """Return the model of that name if it is loaded."""
        return self._by_name.get(name)

    def of(self, loaded: LoadedModel) -> PlayedModel:
        """Return what the instruments share that play a loaded model."""
        return self._by_name[loaded.model.name]

    def check_room(self) -> None:
        """Check that one more can be loaded.

        Raises:
            ProtocolError: There are too many.
        """
        if len(self) >= MOST_LOADED:
            raise ProtocolError(
                f"{MOST_LOADED} models are loaded; play one of them, or close an instrument first."
            )

    def add(self, loaded: LoadedModel, preset_map: PresetMap) -> PlayedModel:
        """Add a model, as its folder has it; one of the same name is returned instead.

        Raises:
            ProtocolError: There are too many.
        """
        known = self.get(loaded.model.name)
        if known is not None:
            return known
        self.check_room()
        played = self._by_name[loaded.model.name] = PlayedModel(loaded, preset_map, self._choices)
        return played

    def exchange(self, loaded: LoadedModel, preset_map: PresetMap) -> PlayedModel:
        """Replace a model by another of the same name, as its folder has it."""
        played = self._by_name[loaded.model.name] = PlayedModel(loaded, preset_map, self._choices)
        return played

    def unload_all_but(self, names: Collection[str]) -> None:
        """Forget all models but these and the default."""
        keep = {*names, self.default.name}
        self._by_name = {name: played for name, played in self._by_name.items() if name in keep}

"""Messages about the vocabulary: what is on the dials, what it is called, and macros of the player's own."""

from collections.abc import Callable

import numpy as np

from server.instrument.macro_choices import MacroChoices, Rearranged
from server.osc.answers import Answer, Listing, MacrosChanged, Reply, Work, status
from server.osc.builder import osc_message
from server.tracks.track import Track
from server.tracks.tracks import Tracks

__all__ = ["MacroMessages"]


class MacroMessages:
    """Answers messages about the vocabulary.

    Args:
        tracks: All instruments; each has the same macros on its dials.
        choices: The player's.
    """

    def __init__(self, tracks: Tracks, choices: MacroChoices) -> None:
        self._tracks = tracks
        self._choices = choices
        self.handlers: dict[str, Callable[..., list[Answer]]] = {
            "/flow/macro/choose": self._choose,
            "/flow/macro/name": self._name,
            "/flow/macro/vocabulary": self._vocabulary,
            "/flow/own/add": self._add,
            "/flow/own/point": self._point,
            "/flow/own/clear": self._clear,
            "/flow/own/make": self._make,
            "/flow/own/delete": self._delete,
        }

    def _vocabulary(self, track: Track) -> list[Answer]:
        return [Listing(self._choices.items())]

    def _choose(self, track: Track, k: int, name: str) -> list[Answer]:
        changed = self._choices.choose(k, name)
        return self._changed(changed, f"dial {k} turns '{changed.loaded.model.macros.names[k]}'")

    def _name(self, track: Track, k: int, name: str) -> list[Answer]:
        before = track.instrument.model.macros.names[k]
        changed = self._choices.rename(k, name)
        return self._changed(changed, f"'{before}' is called '{changed.loaded.model.macros.names[k]}'")

    # -- the player's own

    def _add(self, track: Track, side: int, preset: str) -> list[Answer]:
        instrument = track.instrument
        latent = instrument.preset_map.find(preset).latent if preset else instrument.latent
        instrument.handfuls.add(side, latent)
        return [self._handfuls(track)]

    def _point(self, track: Track, side: int, *latent: float) -> list[Answer]:
        track.instrument.handfuls.add(side, np.array(latent))
        return [self._handfuls(track)]

    def _clear(self, track: Track) -> list[Answer]:
        track.instrument.handfuls.clear()
        return [self._handfuls(track)]

    def _make(self, track: Track, k: int, name: str) -> list[Answer]:
        instrument = track.instrument
        self._choices.check_new(name)
        macro = instrument.handfuls.macro(name, instrument.loaded)
        changed = self._choices.add(macro, k)
        instrument.handfuls.clear()
        return [*self._changed(changed, f"dial {k} turns '{name}', a macro of yours"), self._handfuls(track)]

    def _delete(self, track: Track, name: str) -> list[Answer]:
        return self._changed(self._choices.remove(name), f"'{name}' is deleted")

    def _handfuls(self, track: Track) -> Answer:
        return Reply(self.handfuls_state(track), "listeners")

    @staticmethod
    def handfuls_state(track: Track) -> bytes:
        """Return how many sounds an instrument has gathered for a macro, as a message."""
        return osc_message("/flow/own", *track.instrument.handfuls.counts)

    # -- inside

    def _changed(self, changed: Rearranged, text: str) -> list[Answer]:
        """Have every instrument turn what is on the dials now, tell all clients, and save the choice."""
        self._tracks.use_macros(changed.loaded, changed.came_from)
        # The text is true already; a choice that cannot be saved is reported besides.
        save = Work("macros", self._choices.write, lambda path: [])
        return [MacrosChanged(self._choices.items), status(text, "all"), save]

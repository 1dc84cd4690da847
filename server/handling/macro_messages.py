"""Messages about the vocabulary: what is on the dials, what it is called, and macros of the player's own."""

from collections.abc import Callable

import numpy as np

from server.instrument.macro_choices import MacroChoices, Rearranged
from server.instrument.played_model import PlayedModel
from server.osc.answers import Answer, Listing, MacrosChanged, Reply, Work, status
from server.osc.builder import osc_message
from server.tracks.track import Track
from server.tracks.tracks import Tracks

__all__ = ["MacroMessages"]


class MacroMessages:
    """Answers messages about the vocabulary.

    Args:
        tracks: All instruments; those that play one model have the same macros on their dials.
    """

    def __init__(self, tracks: Tracks) -> None:
        self._tracks = tracks
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
        return [Listing(self._choices(track).items())]

    def _choose(self, track: Track, k: int, name: str) -> list[Answer]:
        changed = self._choices(track).choose(k, name)
        return self._changed(track, changed, f"dial {k} turns '{changed.loaded.model.macros.names[k]}'")

    def _name(self, track: Track, k: int, name: str) -> list[Answer]:
        before = track.instrument.model.macros.names[k]
        changed = self._choices(track).rename(k, name)
        return self._changed(track, changed, f"'{before}' is called '{changed.loaded.model.macros.names[k]}'")

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
        instrument, choices = track.instrument, self._choices(track)
        choices.check_new(name)
        macro = instrument.handfuls.macro(name, instrument.loaded)
        changed = choices.add(macro, k)
        instrument.handfuls.clear()
        text = f"dial {k} turns '{name}', a macro of yours"
        return [*self._changed(track, changed, text), self._handfuls(track)]

    def _delete(self, track: Track, name: str) -> list[Answer]:
        return self._changed(track, self._choices(track).remove(name), f"'{name}' is deleted")

    def _handfuls(self, track: Track) -> Answer:
        return Reply(self.handfuls_state(track), "listeners")

    @staticmethod
    def handfuls_state(track: Track) -> bytes:
        """Return how many sounds an instrument has gathered for a macro, as a message."""
        return osc_message("/flow/own", *track.instrument.handfuls.counts)

    # -- inside

    def _played(self, track: Track) -> PlayedModel:
        return self._tracks.models.of(track.instrument.loaded)

    def _choices(self, track: Track) -> MacroChoices:
        return self._played(track).choices

    def _changed(self, track: Track, changed: Rearranged, text: str) -> list[Answer]:
        """Have every instrument of the model turn what is on the dials now, and save the choice."""
        played = self._played(track)
        played.loaded = changed.loaded
        self._tracks.use_macros(changed.loaded, changed.came_from)
        # The text is true already; a choice that cannot be saved is reported besides.
        save = Work(f"macros of {played.name}", played.choices.write, lambda path: [])
        return [MacrosChanged(played.name, played.choices.items), status(text, "all"), save]

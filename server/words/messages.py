"""`/flow/say`: what was said is done, and answered."""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Protocol

from server.instrument.history import History
from server.instrument.instrument import Instrument
from server.instrument.played_model import PlayedModels
from server.osc.answers import Answer, Follow, Reply, Work
from server.osc.builder import osc_message
from server.words.plan import plan
from server.words.preset_positions import PresetPositions
from server.words.sentence import understand
from server.words.table import read_table

__all__ = ["WordMessages"]


class Player(Protocol):
    """Whoever plays an instrument."""

    instrument: Instrument
    history: History


class WordMessages:
    """Answers sentences.

    Args:
        models: Those that are loaded, with their vocabularies.
    """

    def __init__(self, models: PlayedModels) -> None:
        self._models = models
        self._positions: dict[str, tuple[object, PresetPositions]] = {}  # with vocabularies, by model
        self._serial = count()
        self.handlers: dict[str, Callable[..., list[Answer]]] = {"/flow/say": self._say}

    def _say(self, player: Player, text: str) -> list[Answer]:
        model = player.instrument.model
        vocabulary, positions = self._positions.get(model.name, (None, None))
        if positions is not None and vocabulary is model.vocabulary:
            return self._carry_out(player, text, positions)

        def land(positions: PresetPositions) -> list[Answer]:
            if player.instrument.model.vocabulary is not model.vocabulary:  # changed meanwhile
                return self._say(player, text)
            known = {name: one for name, one in self._positions.items() if self._models.get(name)}
            self._positions = {**known, model.name: (model.vocabulary, positions)}
            return self._carry_out(player, text, positions)

        return [Work(f"say {next(self._serial)}", partial(PresetPositions, model), land)]

    def _carry_out(self, player: Player, text: str, positions: PresetPositions) -> list[Answer]:
        instrument, table = player.instrument, read_table()
        known = self._models.of(instrument.loaded).choices.known
        names = {name.casefold() for macro in known for name in (macro.name, macro.key)}
        planned = plan(understand(text, table, names), instrument, known, positions, table)
        if planned.moves:
            player.history.rested(instrument.latent)  # `/flow/undo` goes back here
        if planned.preset:
            instrument.load_preset(planned.preset)
        elif planned.turns:
            vocabulary = instrument.model.vocabulary
            instrument.turn_macros([(vocabulary[j], position) for j, position in planned.turns.items()])
        parts = (planned.understood, planned.unknown, planned.impossible)
        said = osc_message("/flow/said", text, *("; ".join(part) for part in parts))
        return [*([Follow()] if planned.moves else []), Reply(said, "listeners")]

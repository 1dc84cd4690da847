"""What the wishes of a sentence do to an instrument: turns of macros, or a preset."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from server.instrument.instrument import Instrument
from server.instrument.macro_choices import KnownMacro
from server.words.preset_positions import PresetPositions
from server.words.sentence import Sentence, Wish
from server.words.table import WordTable

__all__ = ["Plan", "plan"]

_FURTHEST = 1.5  # spreads that one sentence turns a macro
_STAYS = 5e-4  # of a dial


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a sentence does.

    Attributes:
        turns: Macros of the vocabulary by index, with their new positions.
        preset: Name of a preset to load; empty for none.
        understood, unknown, impossible: What is answered, one text for each wish; what was not understood;
            and what was, but cannot be done here, with the reason.
    """

    turns: dict[int, float]
    preset: str
    understood: tuple[str, ...]
    unknown: tuple[str, ...]
    impossible: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether it changes the sound."""
        return bool(self.turns or self.preset)


def plan(
    sentence: Sentence,
    instrument: Instrument,
    known: Sequence[KnownMacro],
    positions: PresetPositions,
    table: WordTable,
) -> Plan:
    """Decide what a sentence does to an instrument, and change nothing.

    Args:
        sentence: As it was understood.
        instrument: What it is about.
        known: The vocabulary.
        positions: Of the model's presets along it.
        table: What can be said.
    """
    return _Planner(instrument, known, positions, table).plan(sentence)


class _Planner:
    def __init__(
        self,
        instrument: Instrument,
        known: Sequence[KnownMacro],
        positions: PresetPositions,
        table: WordTable,
    ) -> None:
        self._instrument, self._known, self._positions, self._table = instrument, known, positions, table
        self._impossible: list[str] = []

    def plan(self, sentence: Sentence) -> Plan:
        kinds = [wish for wish in sentence.wishes if wish.kind]
        wanted = np.zeros(len(self._known))
        aimed: list[tuple[Wish, list[int]]] = []
        for wish in sentence.wishes:
            if not wish.kind:
                aims = self._aims(wish, is_choice=bool(kinds))
                for j, weight in aims:
                    wanted[j] += weight * wish.spreads
                if aims:
                    aimed.append((wish, [j for j, _ in aims]))
        wanted = np.clip(wanted, -_FURTHEST, _FURTHEST)
        # Of several kinds the last is the noun, as in `a string pad`.
        unknown = (*sentence.unknown, *(wish.text for wish in kinds[:-1]))
        if kinds:
            return self._preset(kinds[-1], wanted, aimed, unknown)
        turns, shown = self._turns(wanted)
        understood = [f"{_said(wish)} ({'; '.join(shown[j] for j in aims)})" for wish, aims in aimed]
        return Plan(
            turns=turns,
            preset="",
            understood=tuple(understood),
            unknown=unknown,
            impossible=tuple(self._impossible),
        )

    def _aims(self, wish: Wish, *, is_choice: bool) -> list[tuple[int, float]]:
        """Return the macros that a wish moves, with signed weights; what cannot be done is noted.

        Args:
            wish: For a quality or a macro.
            is_choice: Whether it only chooses a preset: held macros can do that.
        """
        if wish.name:
            aims = [(j, 1.0) for j, macro in enumerate(self._known) if self._is_called(macro, wish.name)][:1]
        else:
            aims = [
                (j, sign * weight)
                for quality, weight in wish.targets.items()
                for j, sign in self._named_for(quality, weight * wish.spreads)[:1]
            ]
        if not aims:
            self._impossible.append(f"{_said(wish)} (this model cannot)")
        if is_choice:
            return aims
        held = [j for j, _ in aims if self._known[j].dial in self._instrument.frozen]
        self._impossible += [f"{_said(wish)} ({self._known[j].name} is held)" for j in held]
        return [(j, weight) for j, weight in aims if j not in held]

    def _named_for(self, quality: str, wanted: float) -> list[tuple[int, int]]:
        """Return the macros that are named for a quality, with their signs.

        Those that are not at their end come first, and of these those on dials: what is as dark as Bright
        makes it can still be made warm.
        """
        signs = self._table.macros[quality]
        found = [(j, signs[m.key.casefold()]) for j, m in enumerate(self._known) if m.key.casefold() in signs]

        def is_at_end(j: int, sign: int) -> bool:
            position = self._instrument.model.vocabulary[j].position(self._instrument.latent)
            return position > 1.0 - _STAYS if sign * wanted > 0 else position < _STAYS

        return sorted(found, key=lambda one: (is_at_end(*one), self._known[one[0]].dial < 0))

    @staticmethod
    def _is_called(macro: KnownMacro, name: str) -> bool:
        return name in (macro.name.casefold(), macro.key.casefold())

    def _turns(self, wanted: np.ndarray) -> tuple[dict[int, float], dict[int, str]]:
        """Return the new positions, and for each macro in words what happens to it."""
        instrument = self._instrument
        turns: dict[int, float] = {}
        shown: dict[int, str] = {j: f"{macro.name} stays" for j, macro in enumerate(self._known)}
        for j in np.flatnonzero(wanted).tolist():
            before = instrument.model.vocabulary[j].position(instrument.latent)
            step = float(wanted[j] * self._positions.spreads[j])
            # Past an end nothing is heard, so the way begins at that end; and more never pulls a sound back.
            after = min(max(min(max(before, 0.0), 1.0) + step, 0.0), 1.0)
            after = max(after, before) if step > 0 else min(after, before)
            name = self._known[j].name
            if abs(after - before) < _STAYS:
                shown[j] = f"{name} is at its end"
            else:
                turns[j] = after
                shown[j] = f"{name} {before:.2f} to {after:.2f}"
        return turns, shown

    def _preset(
        self, noun: Wish, wanted: np.ndarray, aimed: list[tuple[Wish, list[int]]], unknown: tuple[str, ...]
    ) -> Plan:
        presets, preset_map = self._instrument.model.presets, self._instrument.preset_map
        allowed = np.array(
            [name not in preset_map for name in presets.names], bool
        )  # else it is the player's
        best = self._positions.best(noun.kind, wanted, allowed)
        said = " ".join([*(_said(wish) for wish, _ in aimed), _said(noun)])
        if best is None:
            self._impossible.append(f"{said} (this model has no {noun.kind})")
        return Plan(
            turns={},
            preset="" if best is None else presets.names[best],
            understood=() if best is None else (f"{said} ({presets.names[best]})",),
            unknown=unknown,
            impossible=tuple(self._impossible),
        )


def _said(wish: Wish) -> str:
    return f"{wish.text}, read as {wish.read_as}" if wish.read_as else wish.text

"""The vocabulary of the loaded model, and which of its macros are on the dials."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.errors import ProtocolError
from models.macros import Macros
from server.instrument.loaded_model import LoadedModel
from server.instrument.macro_choice import MacroChoice, read_choice, write_choice
from server.instrument.own_macro import OwnMacro, training_of
from server.instrument.preset_file import check_name
from server.osc.builder import osc_message
from server.osc.hints import hint

__all__ = ["MAX_OWN", "KnownMacro", "MacroChoices", "Rearranged"]

MAX_OWN = 32  # macros that a player makes of one model
_NOWHERE = -1


@dataclass(frozen=True, kw_only=True)
class KnownMacro:
    """One macro of the vocabulary.

    Attributes:
        key: The model's name for it, or the name that it was made under.
        name: As it is shown.
        dial: Index of the dial that it is on; -1 for none.
        is_own: Whether the player made it.
    """

    key: str
    name: str
    dial: int
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class Rearranged:
    """A model whose dials have changed.

    Attributes:
        loaded: The model.
        came_from: For each dial, on which one its macro was before; -1 for none.
    """

    loaded: LoadedModel
    came_from: tuple[int, ...]


class MacroChoices:
    """Keeps the player's choice for each model, in memory and in a file.

    Args:
        folder: Where the files are; made when something is chosen.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def arrange(self, loaded: LoadedModel) -> LoadedModel:
        """Return a model, as its folder has it, with the macros that the player chose for it."""
        choice = read_choice(self._folder, loaded.model.name)
        self._from_folder = loaded
        self._shipped = _unlike(loaded.model.vocabulary.names)
        self._dials: tuple[str, ...] = ()
        return self._use(choice).loaded

    @property
    def known(self) -> list[KnownMacro]:
        """The vocabulary, in order: the model's macros, then the player's."""
        dials = {key: k for k, key in enumerate(self._dials)}
        return [
            KnownMacro(
                key=key,
                name=self._shown(key),
                dial=dials.get(key, _NOWHERE),
                is_own=j >= len(self._shipped),
            )
            for j, key in enumerate(self._keys)
        ]

    def items(self) -> Iterator[bytes]:
        """Yield the `/flow/macro/known` message of every macro of the vocabulary."""
        known = self.known
        for j, macro in enumerate(known):
            own_name = "" if macro.is_own else macro.key
            yield osc_message("/flow/macro/known", j, len(known), macro.name, macro.dial, own_name)

    def write(self) -> Path:
        """Write the present choice. For a worker thread.

        Raises:
            ConfigError: The folder cannot be written.
        """
        return write_choice(self._folder, self._choice)

    # -- changes

    def choose(self, k: int, name: str) -> Rearranged:
        """Put the macro of that name on dial k; if it is on another, the two change places.

        Raises:
            ProtocolError: There is no such macro.
        """
        return self._use(replace(self._choice, dials=self._with(k, self._find(name))))

    def rename(self, k: int, name: str) -> Rearranged:
        """Show the macro on dial k under another name; under its own again, if that is empty.

        Raises:
            ProtocolError: The name is not allowed, or is another macro's.
        """
        key = self._dials[k]
        names = {other: shown for other, shown in self._choice.names.items() if other != key}
        if name and name != key:
            names[key] = self._checked(name, besides=key)
        return self._use(replace(self._choice, names=names))

    def check_new(self, name: str) -> None:
        """Check that a macro can be made under that name.

        Raises:
            ProtocolError: The name is not allowed or another macro's, or there are too many.
        """
        if len(self._choice.own) >= MAX_OWN:
            raise ProtocolError(f"there are {MAX_OWN} macros of your own; delete one with /flow/own/delete.")
        self._checked(name)

    def add(self, macro: OwnMacro, k: int) -> Rearranged:
        """Add a macro of the player's own, on dial k.

        Raises:
            ProtocolError: As `check_new`.
        """
        self.check_new(macro.name)
        own = (*self._choice.own, macro)
        return self._use(replace(self._choice, own=own, dials=self._with(k, macro.name)))

    def remove(self, name: str) -> Rearranged:
        """Delete a macro that the player made; one of the model's takes its dial.

        Raises:
            ProtocolError: There is no such macro, or it is one of the model's.
        """
        key = self._find(name)
        if key in self._shipped:
            raise ProtocolError(f"'{name}' belongs to the model; only macros of your own can be deleted.")
        own = tuple(macro for macro in self._choice.own if macro.name != key)
        names = {other: shown for other, shown in self._choice.names.items() if other != key}
        return self._use(replace(self._choice, own=own, names=names))

    # -- inside

    def _use(self, choice: MacroChoice) -> Rearranged:
        """Make a choice the present one, and return the model with it."""
        before, model = self._dials, self._from_folder.model
        vocabulary, keys = model.vocabulary, list(self._shipped)
        taken = set(keys)
        for own in choice.own:
            fits = (
                own.training == training_of(self._from_folder) and len(own.direction) == model.flow.n_latent
            )
            if fits and own.name not in taken:
                vocabulary = vocabulary.with_direction(own.name, np.array(own.direction), own.low, own.high)
                keys.append(own.name)
                taken.add(own.name)
        self._choice, self._keys = choice, tuple(keys)
        vocabulary = replace(vocabulary, names=tuple(map(self._shown, keys)))
        self._dials = self._filled(choice.dials)
        arranged = replace(
            self._from_folder, model=replace(model, vocabulary=vocabulary, macros=self._on_dials(vocabulary))
        )
        came_from = tuple(before.index(key) if key in before else _NOWHERE for key in self._dials)
        return Rearranged(loaded=arranged, came_from=came_from)

    def _on_dials(self, vocabulary: Macros) -> Macros:
        return vocabulary.select([self._keys.index(key) for key in self._dials])

    def _filled(self, chosen: tuple[str, ...]) -> tuple[str, ...]:
        """Return a macro for each dial: those chosen, where there are such, else the vocabulary's first."""
        n = len(self._from_folder.model.macros)
        dials = [
            key if key in self._keys and key not in chosen[:k] else "" for k, key in enumerate(chosen[:n])
        ]
        spare = iter([key for key in self._keys if key not in dials])
        return tuple(key or next(spare) for key in [*dials, *[""] * (n - len(dials))])

    def _with(self, k: int, key: str) -> tuple[str, ...]:
        dials = list(self._dials)
        if key in dials:
            dials[dials.index(key)] = dials[k]
        dials[k] = key
        return tuple(dials)

    def _shown(self, key: str) -> str:
        return self._choice.names.get(key, key)

    def _find(self, name: str) -> str:
        """Return the macro that is shown under a name, else the one whose own name it is."""
        shown = {self._shown(key): key for key in self._keys}
        if name in shown:
            return shown[name]
        if name in self._keys:
            return name
        raise ProtocolError(f"there is no macro '{name}'; {hint(name, shown)}")

    def _checked(self, name: str, besides: str = "") -> str:
        """Return the name if a macro may be called so."""
        check_name(name)
        for key in (*self._keys, *(own.name for own in self._choice.own)):
            if key != besides and name.casefold() in (key.casefold(), self._shown(key).casefold()):
                raise ProtocolError(f"another macro is called '{name}'; choose another name.")
        return name


def _unlike(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of which no two are alike.

    >>> _unlike(("Bright", "Bright"))
    ('Bright', 'Bright 2')
    """
    found: list[str] = []
    for name in names:
        key, n = name, 1
        while key in found:
            n += 1
            key = f"{name} {n}"
        found.append(key)
    return tuple(found)

"""What messages about controllers do: learning, binding by name, and the lists of bindings."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import ConfigError, ProtocolError
from server.osc.answers import Answer, Listing, Reply, status
from server.osc.builder import osc_message
from server.tracks.track import Track
from server.tracks.tracks import Tracks

if TYPE_CHECKING:  # without controllers, no MIDI library is needed
    from server.midi.control_learning import ControlLearning
    from server.midi.controllers import Controllers

__all__ = ["ControlHandlers"]

_NO_CONTROLLERS = "the server listens to no controllers; start it with --midi or --oscquery."


class ControlHandlers:
    """Answers messages about controllers.

    Args:
        tracks: All instruments.
        controllers: What MIDI controllers do, where the server listens to them.

    Attributes:
        by_address: The handlers.
    """

    def __init__(self, tracks: Tracks, controllers: "Controllers | None") -> None:
        self._tracks = tracks
        self._controllers = controllers
        self.by_address: dict[str, Callable[..., list[Answer]]] = {
            "/flow/learn": self._learn,
            "/flow/learn/all": self._learn_all,
            "/flow/learn/command": self._learn_command,
            "/flow/learn/other": lambda track: self._learning().other(track.instrument.model.macros.names),
            "/flow/learn/take": lambda track, j: self._learning().take(j),
            "/flow/learn/skip": lambda track: self._learning().skip(),
            "/flow/learn/stop": lambda track: self._learning().stop(),
            "/flow/unlearn": self._unlearn,
            "/flow/bind": self._bind,
            "/flow/unbind": self._unbind,
            "/flow/bindings": self._bindings,
            "/flow/commands": self._commands,
            "/flow/can": self._can,
        }

    def present_state(self, track: Track) -> list[Answer]:
        """Return what waits for a control, and the lists, for a client that connects later."""
        if self._controllers is None:
            return []
        lists = self._binding_messages() + self._controllers.command_messages()
        return [self._controllers.learning.state(), Listing(iter(lists))]

    def _learning(self) -> "ControlLearning":
        if self._controllers is None:
            raise ProtocolError(_NO_CONTROLLERS)
        return self._controllers.learning

    def _can(self, track: Track) -> list[Answer]:
        text = _NO_CONTROLLERS if self._controllers is None else ""
        return [Reply(osc_message("/flow/can", "learn", int(not text), text))]

    def _of(self, instrument: str) -> tuple[str, str]:
        """Return identity and name of an instrument; empty for whatever has the focus."""
        of = self._tracks.wanted(instrument) if instrument else None
        return (of.identity, of.name) if of is not None else ("", "")

    def _learn(self, track: Track, k: int, instrument: str) -> list[Answer]:
        return self._wait(track, [(k, None)], instrument)

    def _learn_all(self, track: Track, instrument: str) -> list[Answer]:
        return self._wait(track, [(k, None) for k in range(len(track.instrument.model.macros))], instrument)

    def _learn_command(self, track: Track, command: str, instrument: str) -> list[Answer]:
        return self._wait(track, [(-1, command)], instrument)

    def _wait(self, track: Track, what: list[tuple[int, str | None]], instrument: str) -> list[Answer]:
        learning, of = self._learning(), self._of(instrument)
        from server.midi.bindings.command import read_command  # only here: see above
        from server.midi.learning.learn_mode import Wanted

        try:
            wanted = [Wanted(k, None if text is None else read_command(text), *of) for k, text in what]
        except ConfigError as error:
            raise ProtocolError(str(error)) from None
        return learning.learn(wanted, track.instrument.model.macros.names)

    def _is_meant(self, instrument: str) -> Callable[[str], bool]:
        """Return whether a binding of an instrument is meant by a reference to one, or to the focus."""
        tracks, wanted = self._tracks, self._tracks.named(instrument)

        def is_meant(reference: str) -> bool:
            if reference == instrument:
                return True
            return reference != "" and wanted is not None and tracks.named(reference) is wanted

        return is_meant

    def _unlearn(self, track: Track, k: int, instrument: str) -> list[Answer]:
        name = track.instrument.model.macros.names[k]
        return self._learning().unlearn(k, name, self._is_meant(instrument))

    def _bind(self, track: Track, what: str, control: str, controller: str, instrument: str) -> list[Answer]:
        return self._learning().bind(what, control, controller, *self._of(instrument))

    def _unbind(self, track: Track, what: str, instrument: str) -> list[Answer]:
        text, answers = self._learning().unbind(what, self._is_meant(instrument))
        return [status(text, "all"), *answers]

    def _bindings(self, track: Track) -> list[Answer]:
        return [Listing(iter(self._binding_messages()))]

    def _binding_messages(self) -> list[bytes]:
        if self._controllers is None:
            return [osc_message("/flow/bindings", 0)]
        from server.midi.bindings.binding_status import status_messages  # only here: see above

        return status_messages(self._controllers.binding_statuses(self._tracks.targets_finder()))

    def _commands(self, track: Track) -> list[Answer]:
        if self._controllers is None:
            return [Reply(osc_message("/flow/commands", 0))]
        return [Listing(iter(self._controllers.command_messages()))]

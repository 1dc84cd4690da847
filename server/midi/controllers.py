"""All controllers together: what players move on them becomes orders for the instrument.

Ports report to the `inbox` from their own threads; everything else runs on the loop, once a turn.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import ProtocolError
from server.midi.bindings.binding_status import BindingStatus, BindingStatuses
from server.midi.bindings.control_targets import FindTargets
from server.midi.bindings.learn_mode import LEARN_PACE_S, Learned, LearnMode
from server.midi.connected_controllers import ConnectedControllers, announce
from server.midi.feedback.feedback_schedule import FeedbackSchedule, FeedbackSender
from server.midi.foreign_osc import OSC, osc_events
from server.midi.inbox import Inbox, PluggedIn, Unplugged
from server.midi.playing import Playing
from server.osc.answers import Answer, Receivers, Reply
from server.osc.builder import osc_message

__all__ = ["Controllers"]


class Controllers:
    """The player's controllers, as the loop sees them.

    Args:
        folder: Where the profiles are.
        wake: Makes the loop look; called from the ports' threads.
        sender: Sends feedback to rings and motors; None for no feedback.

    Attributes:
        inbox: Collects the ports' reports.
        playing: Turns messages into orders.
        statuses: What clients were sent of bindings.
    """

    def __init__(self, folder: Path, wake: Callable[[], None], sender: FeedbackSender | None = None) -> None:
        self.inbox = Inbox(folder, wake, sender)
        self.statuses = BindingStatuses()
        self._learn_mode = LearnMode()
        self.playing = Playing(self._learn_mode)
        self._connected = ConnectedControllers(folder, self.statuses)
        self._feedback = FeedbackSchedule(sender)
        self._answers: list[Answer] = []  # for the next `collect`

    @property
    def waiting(self) -> bool:
        """Whether `collect` has something to do."""
        return bool(self.inbox or self._answers or self._learn_mode.is_on)

    def collect(
        self,
        find: FindTargets,
        names: Sequence[str],
        now: float,
    ) -> list[Answer]:
        """Return the answers to everything reported since the last call, in order.

        Args:
            find: Finds what controls move.
            names: Of the macros.
            now: Seconds.
        """
        answers, self._answers = self._answers, []
        for name, report in self.inbox.drain():
            if isinstance(report, PluggedIn):
                answers += self._connected.plug_in(name, report)
            elif isinstance(report, Unplugged):
                answers += self._connected.unplug(name)
            elif (controller := self._connected.get(name)) is not None:
                answers += self.playing.receive(name, controller, report, find, now)
        waited = self._learn_mode.is_on
        learned = self._learn_mode.progress(names, self._connected, now)
        if isinstance(learned, Learned):
            answers += self._connected.bind(learned)
        elif learned is not None:
            answers.append(announce(learned))
        if waited and not self._learn_mode.is_on:
            answers.append(self.learning("all"))
        self.macros_moved(now)  # a hand, or a controller that shows nothing yet
        return answers

    def receive_osc(self, address: str, values: Sequence[int | float | str]) -> bool:
        """Receive an OSC message that is not in the table; return whether it is played or learned.

        Args:
            address: Checked by the guard.
            values: Numbers among them are finite.
        """
        controller = self._connected.get(OSC)
        if controller is None:
            return False
        events = osc_events(controller, address, values, self._learn_mode.is_on)
        if events:
            self.inbox.put_events(OSC, events)
        return bool(events)

    # -- learning

    def learning(self, to: Receivers = "sender") -> Answer:
        """Return which macro waits for a control, as a message."""
        mode = self._learn_mode
        return Reply(osc_message("/flow/learning", mode.macro, mode.instrument), to)

    def learn(self, k: int, name: str, instrument: str = "", instrument_name: str = "") -> str:
        """Make macro k wait for the next control moved; return what the player is to do, as a text.

        Args:
            k: Number of the macro.
            name: Of the macro.
            instrument: Identity of the instrument that the control is to move; empty for whatever has the
                focus.
            instrument_name: Its name.
        """
        self._learn_mode.start(k, instrument, instrument_name)
        if not self._connected and not self.inbox:
            return (
                f"no controller is plugged in yet. Plug one in, and move the control for macro {k} '{name}'"
            )
        return (
            f"move the control for macro {k} '{name}': a knob or fader from end to end, an encoder both ways."
        )

    def unlearn(self, k: int, name: str, is_meant: Callable[[str], bool]) -> str:
        """Unbind macro k on every controller that is plugged in; return what was unbound, as a text.

        Args:
            k: Number of the macro.
            name: Of the macro.
            is_meant: Whether bindings of an instrument are meant; it is empty where they follow the focus.

        Raises:
            ProtocolError: Nothing was bound to it.
        """
        waited = self._learn_mode.cancel(k, is_meant)
        freed, answers = self._connected.unbind(k, is_meant)
        if waited:
            answers.append(self.learning("all"))
        self._answers += answers
        if not freed and not waited:
            raise ProtocolError(f"no control moves macro {k} '{name}'. Bind one with /flow/learn {k}.")
        if not freed:
            return f"macro {k} '{name}' no longer waits for a control"
        return f"macro {k} '{name}' no longer follows {', '.join(freed)}"

    # -- feedback and statuses

    def macros_moved(self, now: float) -> None:
        """Note that macros or controls have moved: rings, motors and clients may need an update."""
        self.statuses.values_changed(now)
        if self._connected:
            self._feedback.macros_moved(now)

    def instruments_changed(self) -> None:
        """Note that instruments have come, gone, or been given the focus or another name."""
        self.statuses.values_changed(0.0)
        self.macros_moved(0.0)

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon the controllers want to be asked again, seconds."""
        longest = self.statuses.rest_s(self._learn_mode.rest_s(longest), now)
        return self._feedback.rest_s(longest, now)

    def feedback_is_due(self, now: float) -> bool:
        """Whether `send_feedback` has something to do."""
        return self._feedback.is_due(now)

    def send_feedback(self, find: FindTargets, now: float) -> None:
        """Send rings and motors the positions of the macros' dials, which `find` finds."""
        if self._learn_mode.is_on:  # what came back could be learned
            self._feedback.postpone(now + LEARN_PACE_S)
            return
        feedback = {name: controller.feedback for name, controller in self._connected.items()}
        self._feedback.send(feedback, find, now)

    def binding_statuses(self, find: FindTargets) -> list[BindingStatus]:
        """Return the state of each control that moves a macro; `find` finds where the macros are."""
        return list(self._connected.binding_statuses(find))

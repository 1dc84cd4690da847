"""All controllers together: what players move on them becomes orders for the instrument.

Ports report to the `inbox` from their own threads; everything else runs on the loop, once a turn.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from server.midi.bindings.binding_status import BindingStatus, BindingStatuses
from server.midi.bindings.control_targets import FindTargets
from server.midi.connected_controllers import ConnectedControllers, announce
from server.midi.control_learning import ControlLearning
from server.midi.feedback.feedback_schedule import FeedbackSchedule, FeedbackSender
from server.midi.foreign_osc import OSC, osc_events
from server.midi.inbox import Inbox, PluggedIn, ProfileChanged, Told, Unplugged
from server.midi.learning.learn_mode import LEARN_PACE_S, LearnMode
from server.midi.osc_feedback import OscFeedback
from server.midi.own_output import OwnOutput
from server.midi.playing import Playing
from server.osc.answers import Answer
from server.osc.hosts.ports import Endpoint

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
        learning: Binds controls, by touch or by name.
        own_output: What was sent to synths of late: over a loop-back port it comes in again.
        statuses: What clients were sent of bindings.
        osc_feedback: What faders of other programs show.
    """

    def __init__(self, folder: Path, wake: Callable[[], None], sender: FeedbackSender | None = None) -> None:
        self.inbox = Inbox(folder, wake, sender)
        self.statuses = BindingStatuses()
        self.own_output = OwnOutput()
        self._learn_mode = LearnMode()
        self.playing = Playing(self._learn_mode, self.own_output)
        self._connected = ConnectedControllers(folder, self.statuses)
        self.learning = ControlLearning(self._learn_mode, self._connected)
        self._feedback = FeedbackSchedule(sender)
        self.osc_feedback = OscFeedback()
        self._commands = self.command_messages()

    @property
    def waiting(self) -> bool:
        """Whether `collect` has something to do."""
        return bool(self.inbox or self._learn_mode.is_on)

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
        answers: list[Answer] = []
        for name, report in self.inbox.drain():
            if isinstance(report, PluggedIn):
                answers += self._connected.plug_in(name, report)
            elif isinstance(report, Unplugged):
                self._learn_mode.unplugged(name)
                answers += self._connected.unplug(name)
            elif isinstance(report, ProfileChanged):
                answers += self._connected.profile_changed(name, report.profile)
            elif isinstance(report, Told):
                answers.append(announce(report.text))
            elif (controller := self._connected.get(name)) is not None:
                answers += self.playing.receive(name, controller, report, find, now)
        answers += self.learning.progress(names, now)
        self.macros_moved(now)  # a hand, or a controller that shows nothing yet
        return answers

    def receive_osc(self, address: str, values: Sequence[int | float | str], now: float) -> bool:
        """Receive an OSC message that is not in the table; return whether it is played or learned.

        Args:
            address: Checked by the guard.
            values: Numbers among them are finite.
            now: Seconds.
        """
        controller = self._connected.get(OSC)
        if controller is None:
            return False
        events = osc_events(address, values)
        if not self._learn_mode.is_on:
            bound = [event for event in events if controller.bindings_of(event.control)]
            for event in events:
                if event not in bound:  # what talks all the time is not what a player means
                    self._learn_mode.talked(OSC, event.control, now)
            events = bound
        if events:
            self.inbox.put_events(OSC, events)
        return bool(events)

    # -- feedback and statuses

    def macros_moved(self, now: float) -> None:
        """Note that macros or controls have moved: rings, motors and clients may need an update."""
        self.statuses.values_changed(now)
        self.osc_feedback.moved(now)
        if self._connected:
            self._feedback.macros_moved(now)

    def instruments_changed(self) -> None:
        """Note that instruments have come, gone, or been given the focus or another name."""
        self.statuses.values_changed(0.0)
        self.macros_moved(0.0)

    def rest_s(self, longest: float, now: float) -> float:
        """Return how soon the controllers want to be asked again, seconds."""
        longest = self.statuses.rest_s(self._learn_mode.rest_s(longest), now)
        return self.osc_feedback.rest_s(self._feedback.rest_s(longest, now), now)

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

    def osc_messages(self, find: FindTargets, now: float) -> list[tuple[bytes, Endpoint]]:
        """Return what faders of other programs are sent, and where; `find` finds where the macros are."""
        controller = self._connected.get(OSC)
        if controller is None or self._learn_mode.is_on:  # what came back could be learned
            return []
        return self.osc_feedback.messages(controller.bindings_of, find, now)

    def command_messages(self) -> list[bytes]:
        """Return the list of controls that give commands or load presets, as messages."""
        return self._connected.command_messages()

    def changed_commands(self) -> list[bytes]:
        """Return that list if it is another than at the last call."""
        before, self._commands = self._commands, self.command_messages()
        return self._commands if self._commands != before else []

    def binding_statuses(self, find: FindTargets) -> list[BindingStatus]:
        """Return the state of each control that moves a macro; `find` finds where the macros are."""
        return list(self._connected.binding_statuses(find))

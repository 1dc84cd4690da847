"""From a controller's messages to the orders that they play."""

from collections.abc import Iterator

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.binding import AXES
from server.midi.bindings.command import Command
from server.midi.bindings.control_targets import ControlTargets, FindTargets
from server.midi.codec.control import ANY_CHANNEL, ControlEvent
from server.midi.codec.mpe import NO_NOTE, Voice
from server.midi.controller import Controller
from server.midi.learning.learn_mode import LearnMode
from server.midi.own_output import OwnOutput
from server.osc.answers import Answer, Order, status

__all__ = ["Playing"]


class Playing:
    """Plays what controllers send; while a macro waits for a control, it is learned from instead.

    Args:
        learn_mode: Whether a macro waits.
        own_output: What the server itself sent of late.

    Attributes:
        n_damaged: MIDI messages that could not be read.
    """

    def __init__(self, learn_mode: LearnMode, own_output: OwnOutput) -> None:
        self._learn_mode = learn_mode
        self._own_output = own_output
        self.n_damaged = 0

    def receive(
        self,
        name: str,
        controller: Controller,
        received: bytes | list[ControlEvent],
        find: FindTargets,
        now: float,
    ) -> list[Answer]:
        """Return the orders that a MIDI message, or events from elsewhere, bring about.

        Args:
            name: Of the controller.
            controller: That sent them.
            received: The message's bytes, or events.
            find: Finds what controls move, which is changed in place.
            now: Seconds.
        """
        answers: list[Answer] = []
        if self._learn_mode.is_on and not isinstance(received, list) and self._own_output.has(received, now):
            return []
        for event in received if isinstance(received, list) else self._read(controller, received):
            voice = controller.mpe.track(event)
            if self._learn_mode.is_on:
                if not controller.feedback.may_be_echo(now):
                    self._learn_mode.add(name, event, now)
            elif not controller.feedback.is_echo(event, now):
                self._learn_mode.talked(name, event.control, now)
                controller.feedback.control_moved(event, now)
                answers += _play(controller, event, voice, find, now)
        return answers

    def _read(self, controller: Controller, message: bytes) -> list[ControlEvent]:
        try:
            return controller.decoder.read(message)
        except ValueError:  # cut short, or no MIDI at all
            self.n_damaged += 1
            return []


def _play(
    controller: Controller, event: ControlEvent, voice: Voice | None, find: FindTargets, now: float
) -> Iterator[Answer]:
    """Move what a control is bound to; `voice` is None for a note that does not count."""
    let_go = event.control.kind == "note" and event.raw == 0
    for active in controller.bindings_of(event.control):
        counted = NO_NOTE if active.binding.control.channel != ANY_CHANNEL else voice
        if counted is None or (let_go and active.binding.command is None):
            continue
        targets = find(active.binding.instrument)
        if targets is not None and active.binding.command is not None:
            yield from _command(active, active.binding.command, event.raw, targets, now)
        elif targets is not None:
            yield from _move(active, event.raw, counted, targets)
        elif active.move_in_vain(event.raw):
            yield _not_there(controller, active)


def _not_there(controller: Controller, active: ActiveBinding) -> Answer:
    control, instrument = active.binding.control, active.binding.instrument
    return status(
        f"{control} of {controller.profile.device} moves '{instrument}', which is not there. Open its Flow "
        "Synth, or change the profile.",
        "all",
    )


def _command(
    active: ActiveBinding, command: Command, raw: float, targets: ControlTargets, now: float
) -> Iterator[Order]:
    """Give the command of a button, pad or pedal."""
    if command.is_switched:
        on = active.switch(raw, targets.is_on(command), now)
        if on is not None:
            targets.switch(command, on)
            yield Order(*command.message(on), active.binding.instrument)
    elif active.press(raw):
        yield Order(*command.message(True), active.binding.instrument)


def _move(active: ActiveBinding, raw: float, voice: Voice, targets: ControlTargets) -> Iterator[Order]:
    k, axis, instrument = active.binding.macro, active.binding.axis, active.binding.instrument
    if axis is not None:
        n = AXES.index(axis)
        value = active.move(raw, targets.place[n], voice)
        if value is not None:
            targets.place[n] = value
            yield Order("/flow/place", tuple(targets.place), instrument)
    elif k is None:
        if active.press(raw):
            yield Order("/flow/preset/load", (active.binding.preset or "",), instrument)
    elif k < len(targets.dials):  # another model may have fewer
        value = active.move(raw, targets.dials[k], voice)
        if value is not None:
            targets.dials[k] = value
            yield Order("/flow/macro", (k, value), instrument)

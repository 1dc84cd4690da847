"""The controllers that are plugged in, and the changes of their bindings."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.binding import Binding
from server.midi.bindings.binding_status import BindingStatus, BindingStatuses, short_text
from server.midi.bindings.control_targets import FindTargets
from server.midi.controller import Controller
from server.midi.foreign_osc import OSC
from server.midi.inbox import PluggedIn
from server.midi.learning.learn_mode import Learned
from server.midi.profiles.profile import Profile, profile_path, write_profile
from server.osc.answers import Answer, Work, status
from server.osc.builder import osc_message

__all__ = ["ConnectedControllers", "announce"]

logger = logging.getLogger(__name__)


def announce(text: str) -> Answer:
    """Log a text, and return it as a status for every client."""
    logger.info("%s", text)
    return status(text, "all")


class ConnectedControllers(dict[str, Controller]):
    """The controllers that are plugged in, by name.

    Args:
        folder: Where the profiles are.
        statuses: Notified when bindings change.
    """

    def __init__(self, folder: Path, statuses: BindingStatuses) -> None:
        super().__init__()
        self._folder = folder
        self._statuses = statuses
        self._away: dict[str, list[ActiveBinding]] = {}  # of controllers that were unplugged

    def plug_in(self, name: str, report: PluggedIn) -> list[Answer]:
        """Add a controller."""
        profile = report.profile
        known = self._away.pop(name, [])
        for active in known:
            active.came_back()
        self[name] = Controller(profile, report.trims, known)
        self._count_bindings()
        bound = _bound(profile) or "nothing bound yet; bind with /flow/learn"
        texts = [] if name == OSC else [f"{name} is plugged in, {bound}"]
        return [announce(text) for text in (*texts, *profile.problems)]

    def profile_changed(self, name: str, profile: Profile) -> list[Answer]:
        """Take the bindings of a file that somebody has edited; what was written here is known already."""
        controller = self.get(name)
        if controller is None or (
            profile.bindings == controller.profile.bindings
            and profile.problems == controller.profile.problems
        ):
            return []
        controller.set_profile(profile)
        self._count_bindings()
        text = f"the profile of {name} has changed: {_bound(profile) or 'nothing is bound'}"
        return [announce(one) for one in (text, *profile.problems)]

    def unplug(self, name: str) -> list[Answer]:
        """Remove a controller."""
        controller = self.pop(name, None)
        if controller is None:
            return []
        self._away[name] = controller.active_bindings
        self._count_bindings()
        return [announce(f"{name} is unplugged; its macros stay where they are")]

    def bind(self, learned: Learned) -> list[Answer]:
        """Add a binding that was learned."""
        name, binding, controller = learned.device, learned.binding, self[learned.device]
        already = [b for b in controller.profile.bindings if b.control == binding.control]
        same = [b for b in already if _target(b) == _target(binding)]
        others = [b.macro for b in already if b.macro is not None and b not in same]
        kept = [b for b in controller.profile.bindings if b not in same]
        also = f"; it also moves macro {', '.join(map(str, others))}" if others else ""
        file = profile_path(self._folder, name).name
        text = f"{learned.what} follows {binding.control} of {name}{learned.how}{also} ({file})"
        if learned.doubt:
            text += f". {learned.doubt}"
        answer = self._set_bindings(controller, [*kept, binding])
        if learned.raw is not None:
            controller.stands_at(binding, learned.raw)
        return [answer, announce(text)]

    def take_back(self, name: str, binding: Binding) -> list[Answer]:
        """Remove a binding that was not meant."""
        controller = self.get(name)
        if controller is None or binding not in controller.profile.bindings:
            return []
        kept = [b for b in controller.profile.bindings if b != binding]
        return [self._set_bindings(controller, kept)]

    def unbind(self, is_meant: Callable[[Binding], bool]) -> tuple[list[str], list[Answer]]:
        """Remove every binding that is meant; return the controls' names too."""
        freed: list[str] = []
        answers: list[Answer] = []
        for name, controller in self.items():
            mine = [b for b in controller.profile.bindings if is_meant(b)]
            if mine:
                freed += [f"{binding.control} of {name}" for binding in mine]
                kept = [b for b in controller.profile.bindings if b not in mine]
                answers.append(self._set_bindings(controller, kept))
        return freed, answers

    def _set_bindings(self, controller: Controller, bindings: list[Binding]) -> Answer:
        profile = controller.profile.with_bindings(bindings)
        controller.set_profile(profile)
        self._count_bindings()
        write = partial(write_profile, self._folder, profile)
        return Work(f"profile {profile.device}", write, lambda _: [], keeps=f"bindings of {profile.device}")

    def _count_bindings(self) -> None:
        self._statuses.bindings_changed(sum(len(one.active_bindings) for one in self.values()))

    def command_messages(self) -> list[bytes]:
        """Return the list of controls that give commands or load presets, as messages."""
        found = [
            (binding, f"{binding.control} of {name}")
            for name, controller in self.items()
            for binding in controller.profile.bindings
            if binding.command is not None or binding.preset is not None
        ]
        items = [
            osc_message("/flow/command", j, _what(b), short_text(control), short_text(b.instrument))
            for j, (b, control) in enumerate(found)
        ]
        return [osc_message("/flow/commands", len(items)), *items]

    def binding_statuses(self, find: FindTargets) -> Iterator[BindingStatus]:
        """Return the state of each control that moves a macro.

        Args:
            find: Finds where the macros are.
        """
        focus = find("")
        assert focus is not None  # one always has it
        for name, controller in self.items():
            for active in controller.active_bindings:
                k, instrument = active.binding.macro, active.binding.instrument
                if k is None or k >= len(focus.dials):  # another model may have fewer
                    continue
                targets, value = find(instrument), active.control_value()
                yield BindingStatus(
                    k,
                    f"{active.binding.control} of {name}",
                    active.takeover,
                    -1.0 if value is None else round(value, 3),
                    targets is not None and active.is_engaged(targets.dials[k]),
                    targets.identity if targets is not None and instrument else instrument,
                )


def _bound(profile: Profile) -> str:
    n = len(profile.bindings)
    return f"{n} control{'' if n == 1 else 's'} bound" if n else ""


def _what(binding: Binding) -> str:
    return f"preset {binding.preset}" if binding.command is None else str(binding.command)


def _target(binding: Binding) -> tuple[object, ...]:
    """Return what a binding moves."""
    return binding.macro, binding.axis, binding.preset, binding.command, binding.instrument

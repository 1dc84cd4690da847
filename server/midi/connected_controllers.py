"""The controllers that are plugged in, and the changes of their bindings."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from server.midi.bindings.binding import Binding
from server.midi.bindings.binding_status import BindingStatus, BindingStatuses
from server.midi.bindings.control_targets import FindTargets
from server.midi.bindings.learn_mode import Learned
from server.midi.controller import Controller
from server.midi.foreign_osc import OSC
from server.midi.inbox import PluggedIn
from server.midi.profiles.profile import profile_path, write_profile
from server.osc.answers import Answer, Work, status

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

    def plug_in(self, name: str, report: PluggedIn) -> list[Answer]:
        """Add a controller."""
        profile = report.profile
        self[name] = Controller(profile, report.trims)
        self._count_bindings()
        n = len(profile.bindings)
        bound = (
            f"{n} control{'' if n == 1 else 's'} bound" if n else "nothing bound yet; bind with /flow/learn"
        )
        texts = [] if name == OSC else [f"{name} is plugged in, {bound}"]
        return [announce(text) for text in (*texts, *profile.problems)]

    def unplug(self, name: str) -> list[Answer]:
        """Remove a controller."""
        if self.pop(name, None) is None:
            return []
        self._count_bindings()
        return [announce(f"{name} is unplugged; its macros stay where they are")]

    def bind(self, learned: Learned) -> list[Answer]:
        """Add a binding that was learned."""
        name, binding, controller = learned.device, learned.binding, self[learned.device]
        already = [b for b in controller.profile.bindings if b.control == binding.control]
        same = [b for b in already if (b.macro, b.instrument) == (binding.macro, binding.instrument)]
        others = [b.macro for b in already if b.macro is not None and b not in same]
        kept = [b for b in controller.profile.bindings if b not in same]
        how = "" if binding.sends == "absolute" else f", an endless encoder ({binding.sends})"
        also = f"; it also moves macro {', '.join(map(str, others))}" if others else ""
        file = profile_path(self._folder, name).name
        text = f"{learned.macro} follows {binding.control} of {name}{how}{also} ({file})"
        return [self._set_bindings(controller, [*kept, binding]), announce(text)]

    def unbind(self, k: int, is_meant: Callable[[str], bool]) -> tuple[list[str], list[Answer]]:
        """Remove every binding of macro k of an instrument that is meant; return the controls' names too."""
        freed: list[str] = []
        answers: list[Answer] = []
        for name, controller in self.items():
            mine = [b for b in controller.profile.bindings if b.macro == k and is_meant(b.instrument)]
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

"""All controllers together: what was heard becomes turns of macros, presets and words.

Ports tell from their own threads what arrives (`connected`, `hear`, `gone`); everything else runs on
the loop, once a turn, in the order in which it came.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from calibration.trim import Trim, read_trims
from core.errors import ProtocolError
from server.answers import Answer, Order, Work, status
from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.binding import AXES, Binding
from server.midi.bindings.binding_status import BindingStatus, BindingStatuses
from server.midi.bindings.control_targets import ControlTargets
from server.midi.bindings.learning import Learning
from server.midi.codec.control import ANY_CHANNEL, Control, Moved
from server.midi.codec.mpe import NO_NOTE, Voice
from server.midi.device import Device
from server.midi.profiles.parser import MAX_ADDRESS
from server.midi.profiles.profile import Profile, profile_path, read_profile, write_profile

__all__ = ["OSC", "Controllers", "Outlet"]

logger = logging.getLogger(__name__)

OSC = "OSC"  # other programs' faders are a device, too: its controls are addresses
_MAX_ARGUMENTS = 16  # of such a message
_MAX_WAITING = 8_192  # messages; the oldest go first, should the loop ever stand for seconds
_PATIENCE_S = 60.0  # a macro waits this long for its control
_PACE_S = 0.03  # rings need no more; a cable of 31,250 baud brings 30 controls in that time
_LOOK_S = 0.05  # while something is being learned


@dataclass(frozen=True, slots=True)
class _Plugged:
    profile: Profile
    trims: dict[str, Trim]


class Outlet(Protocol):
    """Who brings feedback to controllers, from a thread of its own."""

    def connected(self, device: str) -> None:
        """A controller is there."""
        ...

    def tell(self, device: str, control: Control, messages: list[bytes]) -> None:
        """Send what a control is to show; newer words for the same control replace it."""
        ...

    def gone(self, device: str) -> None:
        """A controller was unplugged."""
        ...


class Controllers:
    """What the player's controllers do.

    Args:
        folder: Where the profiles are.
        wake: Makes the loop look; called from the ports' threads.
        outlet: Brings feedback to rings and motors; None for no feedback.
    """

    def __init__(self, folder: Path, wake: Callable[[], None], outlet: Outlet | None = None) -> None:
        self.folder = folder
        self.n_damaged = 0
        self._wake = wake
        self._outlet = outlet
        self.statuses = BindingStatuses()
        self._show_at: float | None = None  # when rings are looked at next
        self._waiting: deque[tuple[str, bytes | list[Moved] | _Plugged | None]] = deque(maxlen=_MAX_WAITING)
        self._devices: dict[str, Device] = {}
        self._answers: list[Answer] = []
        self._learning: Learning | None = None
        self._asked_back = False

    # -- from the ports' threads

    def connected(self, device: str) -> None:
        """A controller is there; its profile is read here, where it delays nobody."""
        profile = read_profile(self.folder, device)
        for complaint in profile.complaints:
            logger.warning("%s", complaint)
        if self._outlet is not None:
            self._outlet.connected(device)
        self._put(device, _Plugged(profile, read_trims(device, self.folder.parent / "calibration")))

    def hear(self, device: str, message: bytes) -> None:
        """A message has arrived."""
        self._put(device, message)

    def gone(self, device: str) -> None:
        """A controller was unplugged."""
        if self._outlet is not None:
            self._outlet.gone(device)
        self._put(device, None)

    def _put(self, device: str, what: bytes | list[Moved] | _Plugged | None) -> None:
        self._waiting.append((device, what))
        self._wake()

    # -- on the loop

    def foreign(self, address: str, values: Sequence[int | float | str]) -> bool:
        """Take an OSC message that is not in the table; False where nobody asked for it.

        Only bound addresses are taken, and while something is being learned any: numbers from 0 to 1.

        Args:
            address: Checked by the guard.
            values: Numbers among them are finite.
        """
        device = self._devices.get(OSC)
        if device is None or len(address) > MAX_ADDRESS or address.startswith("/flow/"):
            return False
        moves = []
        for n, value in enumerate(values[:_MAX_ARGUMENTS]):
            control = Control("osc", ANY_CHANNEL, n, address)
            if not isinstance(value, str) and (self._learning is not None or device.bound(control)):
                moves.append(Moved(control, control.raw(min(max(float(value), 0.0), 1.0))))
        if moves:
            self._waiting.append((OSC, moves))
        return bool(moves)

    def learn(self, k: int, name: str) -> str:
        """Bind the next control moved to macro k; what the player is to do, in words."""
        self._learning, self._asked_back = Learning(k), False
        if not self._devices and not self._waiting:
            return f"macro {k} '{name}' waits for a control, but no controller is plugged in yet."
        return (
            f"move the control for macro {k} '{name}': a knob or fader from end to end, an encoder both ways."
        )

    def unlearn(self, k: int, name: str) -> str:
        """Unbind macro k on every controller that is plugged in; what was unbound, in words.

        Raises:
            ProtocolError: Nothing was bound to it.
        """
        waited = self._learning is not None and self._learning.macro == k
        if waited:
            self._learning = None
        freed = []
        for name_of, device in self._devices.items():
            mine = [b for b in device.profile.bindings if b.macro == k]
            if mine:
                freed += [f"{binding.control} of {name_of}" for binding in mine]
                kept = [b for b in device.profile.bindings if b.macro != k]
                self._change(device, device.profile.with_bindings(kept))
        if not freed and not waited:
            raise ProtocolError(f"nothing moves macro {k} '{name}'; /flow/learn {k} binds a control.")
        return f"macro {k} '{name}' no longer follows {', '.join(freed) or 'the next control'}"

    @property
    def waiting(self) -> bool:
        """Whether `collect` has something to do."""
        return bool(self._waiting or self._answers or self._learning is not None)

    def rest_s(self, longest: float, now: float) -> float:
        """Say how soon `collect` or `show` wants to be called again."""
        if self._learning is not None:
            longest = min(longest, _LOOK_S)
        longest = self.statuses.rest_s(longest, now)
        return longest if self._show_at is None else min(longest, max(0.001, self._show_at - now))

    def macros_moved(self, now: float) -> None:
        """Rings and motors have to follow, at their own pace, and so does what clients show of controls."""
        self.statuses.moved(now)
        if self._show_at is None and self._devices and self._outlet is not None:
            self._show_at = now + _PACE_S

    def binding_statuses(self, dials: Sequence[float]) -> list[BindingStatus]:
        """Say where each control that moves a macro targets, while the macros stand at `dials`."""
        return [
            BindingStatus(
                k,
                f"{bound.binding.control} of {name}",
                bound.takeover,
                -1.0 if (where := bound.where()) is None else round(where, 3),
                bound.holds(dials[k]),
            )
            for name, device in self._devices.items()
            for bound in device.bounds
            if (k := bound.binding.macro) is not None and k < len(dials)  # another model may have fewer
        ]

    def shows(self, now: float) -> bool:
        """Say whether `show` has something to do."""
        return self._show_at is not None and now >= self._show_at

    def show(self, dials: Sequence[float], now: float) -> None:
        """Tell rings and motors where the macros stand.

        While something is being learned they are not: what came back could be learned.
        """
        self._show_at = None
        if self._outlet is None:
            return
        if self._learning is not None:
            self._show_at = now + _LOOK_S
            return
        for name, device in self._devices.items():
            due = device.show(dials, now, partial(self._outlet.tell, name))
            if due is not None:
                at = now + max(due, _PACE_S)
                self._show_at = at if self._show_at is None else min(self._show_at, at)

    def collect(
        self,
        dials: Sequence[float],
        names: Sequence[str],
        now: float,
        place: Callable[[], tuple[float, float]] = lambda: (0.5, 0.5),
    ) -> list[Answer]:
        """Give what has come since the last call, in order.

        Args:
            dials: Where the macros stand, `(M,)`.
            names: Of the macros.
            now: Seconds.
            place: Gives where the point is on the map; asked only where a control moves it.
        """
        targets = ControlTargets(list(dials), place)
        while self._waiting:
            device, what = self._waiting.popleft()
            if what is None:
                if self._devices.pop(device, None) is not None:
                    self._recount()
                    self._say(f"{device} is unplugged; its macros stay where they are")
            elif isinstance(what, _Plugged):
                self._plug(device, what)
            elif device in self._devices:
                self._message(device, what, targets, now)
        if self._learning is not None:
            self._decide(self._learning, names, now)
        self.macros_moved(now)  # a hand, or a controller that shows nothing yet
        answers, self._answers = self._answers, []
        return answers

    def _plug(self, device: str, plugged: _Plugged) -> None:
        profile = plugged.profile
        self._devices[device] = Device(profile, plugged.trims)
        self._recount()
        n = len(profile.bindings)
        what = f"{n} control{'' if n == 1 else 's'} bound" if n else "nothing bound yet; /flow/learn binds"
        if device != OSC:
            self._say(f"{device} is plugged in, {what}")
        for complaint in profile.complaints:
            self._say(complaint)

    def _message(self, name: str, data: bytes | list[Moved], targets: ControlTargets, now: float) -> None:
        device = self._devices[name]
        try:
            moves = data if isinstance(data, list) else device.decoder.read(data)
        except ValueError:  # cut short, or no MIDI at all
            self.n_damaged += 1
            return
        for moved in moves:
            voice = device.mpe.take(moved)
            if self._learning is not None:
                if not device.may_echo(now):
                    self._learning.hear(name, moved, now)
                continue
            if device.is_echo(moved, now):
                continue
            device.touched(moved, now)
            if moved.control.kind == "note" and moved.raw == 0:  # let go
                continue
            for bound in device.bound(moved.control):
                if bound.binding.control.channel != ANY_CHANNEL:
                    self._play(bound, moved, targets, NO_NOTE)
                elif voice is not None:
                    self._play(bound, moved, targets, voice)

    def _play(self, bound: ActiveBinding, moved: Moved, targets: ControlTargets, voice: Voice) -> None:
        k, axis = bound.binding.macro, bound.binding.place
        if axis is not None:
            value = bound.turn(moved.raw, targets.place[AXES.index(axis)], voice)
            if value is not None:
                targets.place[AXES.index(axis)] = value
                self._answers.append(Order("/flow/place", tuple(targets.place)))
        elif k is None:
            self._answers.append(Order("/flow/preset/load", (bound.binding.preset or "",)))
        elif k < len(targets.dials):  # another model may have fewer
            value = bound.turn(moved.raw, targets.dials[k], voice)
            if value is not None:
                targets.dials[k] = value
                self._answers.append(Order("/flow/macro", (k, value)))

    def _decide(self, learning: Learning, names: Sequence[str], now: float) -> None:
        macro = f"macro {learning.macro} '{names[learning.macro]}'" if learning.macro < len(names) else "it"
        waited_s = learning.waited_s(now)
        found = learning.decide(now)
        if found is not None and found[0] in self._devices:
            self._learning = None
            self._bind(*found, macro)
        elif waited_s > _PATIENCE_S:
            self._learning = None
            self._say(f"{macro} waited a minute for a control and is left as it was")
        elif not self._asked_back and learning.unclear(now):
            self._asked_back = True
            self._say("that is an endless encoder; turn it the other way as well")

    def _bind(self, name: str, binding: Binding, macro: str) -> None:
        device = self._devices[name]
        already = [b for b in device.profile.bindings if b.control == binding.control]
        others = [b.macro for b in already if b.macro not in (None, binding.macro)]
        kept = [b for b in device.profile.bindings if b not in already or b.macro != binding.macro]
        self._change(device, device.profile.with_bindings([*kept, binding]))
        how = "" if binding.sends == "absolute" else f", an endless encoder ({binding.sends})"
        also = f"; it moves macro {', '.join(map(str, others))} as well" if others else ""
        where = profile_path(self.folder, name).name
        self._say(f"{macro} follows {binding.control} of {name}{how}{also} ({where})")

    def _change(self, device: Device, profile: Profile) -> None:
        device.adopt(profile)
        self._recount()
        folder = self.folder
        self._answers.append(
            Work(f"profile {profile.device}", lambda: write_profile(folder, profile), lambda _: [])
        )

    def _say(self, text: str) -> None:
        logger.info("%s", text)
        self._answers.append(status(text, "all"))

    def _recount(self) -> None:
        self.statuses.changed(sum(len(device.bounds) for device in self._devices.values()))

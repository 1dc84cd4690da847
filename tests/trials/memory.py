"""The stage in memory: a bridge without sockets, MIDI ports without a system, a clock that stands still."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rtmidi

from server.midi.foreign_osc import OSC
from server.midi.ports import input_ports
from server.midi.ports.input_ports import InputPorts
from server.outputs import Output
from synths.external.control_changes import PendingChanges
from tests.support.live import ME, MY_PORT, Rig
from tests.trials.language import Sent, Trial

_TURN_S = 0.05  # how far the clock goes between two looks
_PATIENCE_S = 3.0
_REFRESH_S = 1.0


class MidiSystem:
    """A MIDI system whose ports are only names; two may be equal, as on macOS."""

    def __init__(self) -> None:
        self.ports: list[Port] = []

    def open(self, make: Any, api: str | None = None) -> "MidiIn":
        """Stand in for `synths.external.midi_system.open_api`."""
        assert make is rtmidi.MidiIn
        return MidiIn(self)


class Port:
    """An input of the system: a controller sends to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: MidiIn | None = None

    def send(self, data: bytes) -> None:
        if self.open is not None and self.open.callback is not None:
            self.open.callback((list(data), 0.0), None)


class MidiIn:
    """As much of `rtmidi.MidiIn` as the server uses."""

    def __init__(self, system: MidiSystem) -> None:
        self._system = system
        self._port: Port | None = None
        self.callback: Callable[..., None] | None = None

    def get_ports(self) -> list[str]:
        return [port.name for port in self._system.ports]

    def ignore_types(self, **_: bool) -> None:
        pass

    def set_callback(self, callback: Callable[..., None]) -> None:
        self.callback = callback

    def cancel_callback(self) -> None:
        self.callback = None

    def open_port(self, index: int, name: str = "") -> None:
        self._port = self._system.ports[index]
        self._port.open = self

    def close_port(self) -> None:
        if self._port is not None:
            self._port.open, self._port = None, None

    def delete(self) -> None:
        self.close_port()


class LoopOutput:
    """Sends frames to a loop-back port, at once."""

    def __init__(self, port: Port, sent: Callable[[bytes], None]) -> None:
        self._port, self._sent = port, sent
        self._changes: PendingChanges | None = None

    def frame(self, space: Any, patch: Any) -> None:
        self._changes = self._changes or PendingChanges(space, "cc", 1)
        self._changes.want(patch)
        for message in self._changes.next(1_000):
            self._sent(message)
            self._port.send(message)


def _named(options: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names behind --midi."""
    if "--midi" not in options:
        return ()
    after = options[options.index("--midi") + 1 :]
    return tuple(itertools.takewhile(lambda word: not word.startswith("--"), after))


class MemoryStage:
    """Plays a trial at once; what the player reads is collected in `texts`.

    Args:
        model: Folder of the model.
        data: Folder for profiles and presets.
        trial: That is played.
        monkeypatch: Puts the MIDI system in place.
    """

    def __init__(self, model: Path, data: Path, trial: Trial, monkeypatch: Any) -> None:
        self._as_written = trial.as_written
        self._system = MidiSystem()
        monkeypatch.setattr(input_ports, "open_api", self._system.open)
        loops = [Port(f"{name}:out") for name in trial.loops]
        self._system.ports += loops
        outputs = [Output(LoopOutput(loop, lambda message: self._sent_out(message))) for loop in loops]
        self._rig: Rig | None = None
        self._rig = Rig(model, data, midi=True, outputs=outputs)
        self._ports = InputPorts(
            _named(trial.options), self._rig.controllers.inbox, own_outputs=[loop.name for loop in loops]
        )
        self._plugged: dict[str, Port] = {}
        self._programs: dict[str, tuple[str, int]] = {"me": ME}
        self._sent: dict[int, list[tuple]] = {}
        self._refreshed_at = self._rig.now
        self.profiles = self._rig.profiles
        self.texts: list[str] = []
        self._rig.hello()
        self._rig.controllers.inbox.plugged_in(OSC)
        self._turn()

    def is_controller(self, who: str) -> bool:
        return who in self._plugged

    def plug(self, name: str, who: str) -> None:
        self._plugged[who] = Port(name if self._as_written else f"{name}:out")  # as JACK would call it
        self._system.ports.append(self._plugged[who])
        self._refresh()

    def unplug(self, who: str) -> None:
        self._system.ports.remove(self._plugged.pop(who))
        self._refresh()

    def send(self, sent: list[Sent], pace_s: float) -> None:
        for one in sent:
            if one.midi:
                self._plugged[one.who].send(one.data)
            else:
                endpoint = self._programs.setdefault(one.who, ("127.0.0.1", 52_000 + len(self._programs)))
                self._rig.raw(one.data, endpoint)
            self._rig.now += pace_s
            self._turn()

    def wait(self, seconds: float) -> None:
        end = self._rig.now + seconds
        while self._rig.now < end:
            self._rig.now += min(_TURN_S, end - self._rig.now)
            self._turn()

    def settle(self) -> None:
        self.wait(2 * _TURN_S)

    def eventually(self, condition: Callable[[], bool]) -> bool:
        end = self._rig.now + _PATIENCE_S
        while not condition() and self._rig.now < end:
            self.wait(_TURN_S)
        return condition()

    def macros(self) -> list[float]:
        return self._rig.bridge.instrument.dials.tolist()

    def heard_by(self, who: str) -> list[tuple]:
        return self._sent.get(self._programs[who][1], [])

    def _sent_out(self, message: bytes) -> None:
        if self._rig is not None:  # the first frame comes while it is being made
            self._rig.controllers.own_output.add(message, self._rig.now)

    def _refresh(self) -> None:
        self._refreshed_at = self._rig.now
        self._ports.refresh()
        self._turn()

    def _turn(self) -> None:
        if self._rig.now - self._refreshed_at >= _REFRESH_S:
            self._refreshed_at = self._rig.now
            self._ports.refresh()
            self._rig.controllers.inbox.look_at_profiles()
        for port, messages in self._rig.turn().items():
            self._sent.setdefault(port, []).extend(messages)
            if port == MY_PORT:
                self.texts += [m[-1] for m in messages if m[0] in ("/flow/status", "/flow/error")]

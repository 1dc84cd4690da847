"""`vst~` with Vital's own engine in it, and MIDI on the way there."""

import json
from collections.abc import Iterator
from typing import Any

import vita

from tests.max4live.graph.node import Message, Node

# As JUCE's VST3 wrapper adds them: 130 controllers on 16 channels.
MIDI_PARAMETERS = [f"MIDI CC {channel}|{number}" for channel in range(16) for number in range(130)]
_JUCE = ".ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+"


def from_juce_base64(text: str) -> bytes:
    """Read what `juce_base64` writes, bit by bit as JUCE does."""
    size, _, characters = text.partition(".")
    values = [_JUCE.index(c) for c in characters + "." * (-len(characters) % 4)]
    groups = zip(*(values[k::4] for k in range(4)), strict=True)
    whole = b"".join(sum(v << (6 * k) for k, v in enumerate(four)).to_bytes(3, "little") for four in groups)
    return whole[: int(size)]


def preset_in(blob: str) -> dict[str, Any]:
    """Unpack a snapshot's state as Max, JUCE's host, JUCE's wrapper and Vital do one after the other."""
    state = from_juce_base64(blob)
    assert state[:4] == b"VC2!" and int.from_bytes(state[4:8], "little") == len(state) - 9
    xml = state[8:-1].decode()
    component = from_juce_base64(xml.partition("<IComponent>")[2].partition("</IComponent>")[0])
    assert component[:16] == b"VstW" + bytes((0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0))
    assert component[16:20] == b"CcnK" and component[24:28] == b"FBCh"
    assert int.from_bytes(component[20:24], "big") == len(component) - 24
    chunk = component[176:]
    assert int.from_bytes(component[172:176], "big") == len(chunk)
    return json.loads(chunk[: chunk.index(b"\0")])


def plugin_names() -> list[str]:
    """Return the engine's names of Vital's parameters in the plug-in's order: by age, then by name."""
    synth = vita.Synth()
    details = [synth.get_control_details(name) for name in synth.get_controls()]
    return [d.name for d in sorted(details, key=lambda d: (d.version_added, d.name))]


class Vst(Node):
    """It loads what the patcher was saved with, and knows parameters by number, from 1.

    `world.plugins` holds the installed plug-ins, each with the parameters that another version calls
    otherwise, or lacks (an empty name).
    """

    def start(self):
        self.synth: vita.Synth | None = None
        self.asked: list[Message] = []  # everything but values and MIDI
        self.set: list[tuple[int, float]] = []
        self.midi: list[Message] = []
        if "Vital" in self.world.plugins:
            self.plug("Vital")
            self.restore()

    def plug(self, name: str):
        self.synth = vita.Synth()
        self.controls = self.synth.get_controls()
        details = {name: self.synth.get_control_details(name) for name in plugin_names()}
        renamed = self.world.plugins[name]
        titles = {name: renamed.get(d.display_name, d.display_name) for name, d in details.items()}
        self.details = {name: d for name, d in details.items() if titles[name]}
        self.names = [titles[name] for name in self.details] + MIDI_PARAMETERS
        self.inner = list(self.details)

    def restore(self, state: str = ""):
        """Load a state, or the one in the box."""
        state = state or json.dumps(preset_in(self.box["snapshot"]["snapshot"]["blob"]))
        assert self.synth.load_json(state)
        self.controls = self.synth.get_controls()

    def value(self, name: str) -> float:
        """Return a parameter's value from 0 to 1, by the engine's name."""
        detail = self.details[name]
        return (self.controls[name].value() - detail.min) / (detail.max - detail.min)

    def receive(self, inlet: int, message: Message):
        assert inlet == 0
        match message:
            case [int(number), float() | int() as value] if number > 0:
                self.set.append((number, float(value)))
                if self.synth is not None and number <= len(self.inner):
                    detail = self.details[self.inner[number - 1]]
                    self.controls[detail.name].set(detail.min + value * (detail.max - detail.min))
                self.out(3, [number, value])
            case ["midievent", *data]:
                self.midi.append(data)
            case ["params"]:
                for name in self.names if self.synth is not None else ():
                    self.out(2, [name])
            case ["get", int(number)]:
                for answer in self.answers(number):
                    self.out(3, [number, answer])
            case ["plug_vst3", str(name)]:
                self.asked.append(message)
                if name in self.world.plugins:
                    self.plug(name)
            case ["restore"]:
                self.asked.append(message)
                self.restore()
            case ["open"] | ["plug"]:
                self.asked.append(message)
            case _:
                raise AssertionError(message)

    def answers(self, number: int) -> Iterator[float]:
        if self.synth is None:
            return
        if number == -4:
            yield len(self.names)
        elif 0 < number <= len(self.inner):
            yield self.value(self.inner[number - 1])


class MidiParse(Node):
    """Bytes to whole messages, for `vst~` out of the last outlet."""

    def start(self):
        self.message: list[int] = []

    def receive(self, inlet: int, message: Message):
        (byte,) = message
        assert isinstance(byte, int) and 0 <= byte < 256
        self.message = [byte] if byte >= 128 else [*self.message, byte]
        length = 2 if self.message[0] >> 4 in (0xC, 0xD) else 3
        if len(self.message) == length:
            self.out(7, ["midievent", *self.message])
            self.message = self.message[:1]  # running status


HOSTED: dict[str, type[Node]] = {"vst~": Vst, "midiparse": MidiParse}

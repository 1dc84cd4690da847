"""What a hand does when it is asked to move a control, for every kind of control: drawn, and repeatable.

A gesture is what arrives: the control that is meant, noise on it, and bystanders that move as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from server.midi.codec.builder import midi_messages
from server.midi.codec.control import Control, ControlEvent
from server.midi.codec.decoder import Decoder
from server.midi.codec.relative import Encoding

__all__ = ["BYSTANDERS", "KINDS", "NOISES", "Arrival", "Gesture", "draw_gestures"]

Arrival = tuple[float, str, ControlEvent]  # seconds since learning began, device, event
DESK, PHONE = "desk", "OSC"
KINDS = (
    *("knob", "14-bit fader", "NRPN", "pitch wheel", "pressure", "OSC 0 to 1", "OSC 0 to 127", "OSC -1 to 1"),
    *("encoder, twos", "encoder, offset", "encoder, sign"),
    *("leaping encoder, twos", "leaping encoder, offset", "leaping encoder, sign"),
    *("button", "button, 127 only", "switch", "pad"),
)
NOISES = ("clean", "jitter", "lost", "doubled", "hesitates", "hasty")
BYSTANDERS = ("none", "touch", "stream", "worn pot", "nudge", "keys", "sensor that rests")
_ENCODINGS: dict[str, Encoding] = {
    "encoder, twos": "twos",
    "encoder, offset": "offset",
    "encoder, sign": "sign",
    "leaping encoder, twos": "twos",
    "leaping encoder, offset": "offset",
    "leaping encoder, sign": "sign",
}
_ACCELERATION = (1, 3, 7, 15, 31, 63)  # a table as firmware has it
_SPANS = {"OSC 0 to 1": (0.0, 1.0), "OSC 0 to 127": (0.0, 127.0), "OSC -1 to 1": (-1.0, 1.0)}


@dataclass(frozen=True, kw_only=True)
class Gesture:
    """One gesture, and what should be learned from it.

    Attributes:
        kind, noise, bystander: One of each list.
        arrivals: In order; those before learning began have negative times.
        control: The control that is meant; None for a pad, which is no control of a macro.
        sends: How it sends.
        span: Range of an OSC control.
    """

    kind: str
    noise: str
    bystander: str
    arrivals: tuple[Arrival, ...]
    control: Control | None
    sends: Encoding = "absolute"
    span: tuple[float, float] = (0.0, 1.0)


def draw_gestures(n: int, seed: int = 0) -> Iterator[Gesture]:
    """Draw gestures: kinds in turn, noise and bystanders by chance."""
    rng = np.random.default_rng(seed)
    for k in range(n):
        kind, bystander = KINDS[k % len(KINDS)], str(rng.choice(BYSTANDERS))
        if kind == "pad" and bystander == "keys":  # one as good as the other
            bystander = "none"
        yield _draw(kind, str(rng.choice(NOISES)), bystander, rng)


def _draw(kind: str, noise: str, bystander: str, rng: np.random.Generator) -> Gesture:
    began = float(rng.uniform(0.3, 1.5))
    if kind in _ENCODINGS:
        control: Control | None = Control("cc", 1, 20)
        turn = _leaping if kind.startswith("leaping") else _encoder
        timed = turn(_ENCODINGS[kind], noise, rng)
    elif kind in ("button", "button, 127 only", "switch"):
        control = Control("cc", 1, 20)
        timed = _button(kind, rng)
    elif kind == "pad":
        control = None
        timed = [
            (0.35 * k + t, v) for k in range(2) for t, v in ((0.0, float(rng.integers(40, 127))), (0.1, 0.0))
        ]
    else:
        control = _control(kind)
        timed = _sweep(control, _SPANS.get(kind), noise, rng)
    target = control or Control("note", 1, 36)
    decoder = Decoder()
    arrivals = [
        (began + t, DESK if target.kind != "osc" else PHONE, event)
        for t, value in timed
        for event in _events(target, value, decoder)
    ]
    end = arrivals[-1][0]
    arrivals += _bystander(bystander, target, began, end, rng)
    arrivals.sort(key=lambda one: one[0])
    return Gesture(
        kind=kind,
        noise=noise,
        bystander=bystander,
        arrivals=tuple(arrivals),
        control=control,
        sends=_ENCODINGS.get(kind, "absolute"),
        span=_SPANS.get(kind, (0.0, 1.0)),
    )


def _control(kind: str) -> Control:
    match kind:
        case "knob":
            return Control("cc", 1, 20)
        case "14-bit fader":
            return Control("cc14", 1, 7)
        case "NRPN":
            return Control("nrpn", 1, 300)
        case "pitch wheel":
            return Control("pitch", 1)
        case "pressure":
            return Control("pressure", 1)
        case _:
            return Control("osc", 0, 0, "/1/fader1")


def _events(control: Control, value: float, decoder: Decoder) -> list[ControlEvent]:
    """Return what a controller's messages for a value are read as."""
    if control.kind == "pressure" or control.kind in ("osc", "note"):
        return [ControlEvent(control, value)]
    return [event for message in midi_messages(control, int(value)) for event in decoder.read(message)]


def _sweep(
    control: Control, span: tuple[float, float] | None, noise: str, rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Move from near one end to near the other, perhaps part of the way back."""
    low, high = span or (0.0, float(control.top))
    start, turn = rng.uniform(0.0, 0.25), rng.uniform(0.75, 1.0)
    if span is not None:  # a range is taken from the sweep, so the hand goes to the ends, as it was asked
        start, turn = rng.uniform(0.0, 0.03), rng.uniform(0.97, 1.0)
    back = rng.uniform(0.0, 0.6) if rng.random() < 0.5 else 0.0
    seconds = rng.uniform(0.25, 0.5) if noise == "hasty" else rng.uniform(0.6, 2.0)
    times = np.arange(0.0, seconds, rng.uniform(0.008, 0.02))
    along = np.clip(times / seconds * (1.0 + back), 0.0, 1.0 + back)
    eased = np.where(along <= 1.0, along * along * (3.0 - 2.0 * along), 2.0 - along)
    places = start + (turn - start) * eased
    if noise == "jitter":
        places = np.clip(places + rng.normal(0.0, 0.006, places.size), 0.0, 1.0)
    if noise == "hesitates":
        times = times + np.where(times > seconds / 2, 0.18, 0.0)
    values = low + (high - low) * places
    if control.kind != "osc" or (high == 127.0 and rng.random() < 0.5):
        values = np.round(values)
    found: list[tuple[float, float]] = []
    for t, value in zip(times, values, strict=True):
        if noise == "lost" and rng.random() < 0.2:
            continue
        if found and found[-1][1] == value:
            continue
        found.append((float(t), float(value)))
        if noise == "doubled":
            found.append((float(t) + 0.001, float(value)))
    return found


def _encoder(encoding: Encoding, noise: str, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Turn one way, then the other, as the text asks."""
    found, t = [], 0.0
    for way in (1, -1) if rng.random() < 0.5 else (-1, 1):
        for _ in range(int(rng.integers(6, 25))):
            size = 1 if rng.random() < 0.8 else int(rng.integers(2, 5))
            if noise == "hasty":
                size = min(
                    63, int(rng.geometric(0.3)) * (1 if rng.random() < 0.7 else int(rng.integers(2, 9)))
                )
            step = 0 if noise == "jitter" and rng.random() < 0.12 else way * size
            if noise == "jitter" and rng.random() < 0.05:
                step = -way
            if noise != "lost" or rng.random() > 0.2:
                found.append((t, float(_encode(encoding, step))))
            t += float(rng.uniform(0.015, 0.06))
        t += 0.18 if noise == "hesitates" else 0.08
    return found


def _leaping(encoding: Encoding, noise: str, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Turn both ways at a speed that leaps; then slowly, as the text asks, or because nothing answers."""
    found, t = [], 0.0
    style, size = int(rng.integers(4)), 1.0
    ways = (1, -1) if rng.random() < 0.5 else (-1, 1)
    for way in ways:
        for k in range(int(rng.integers(6, 25))):
            match style:
                case 0:  # it keeps its speed for a while
                    if k == 0 or rng.random() < 0.35:
                        size = float(np.exp(rng.uniform(0.0, np.log(63.0))))
                    step = size * rng.uniform(0.7, 1.3)
                case 1:
                    step = float(np.exp(rng.uniform(0.0, np.log(63.0))))
                case 2:
                    step = float(rng.choice(_ACCELERATION))
                case _:  # it is never slow
                    step = float(rng.integers(15, 50))
            if noise != "lost" or rng.random() > 0.2:
                found.append((t, float(_encode(encoding, way * min(63, max(1, round(step)))))))
            t += float(rng.uniform(0.015, 0.06))
        t += 0.18 if noise == "hesitates" else 0.08
    t += float(rng.uniform(0.8, 1.5))
    for way in ways:
        for _ in range(int(rng.integers(4, 9))):
            found.append((t, float(_encode(encoding, way))))
            t += float(rng.uniform(0.08, 0.2))
    return found


def _encode(encoding: Encoding, step: int) -> int:
    match encoding:
        case "twos":
            return step & 127
        case "offset":
            return step + 64
        case _:
            return step if step >= 0 else 64 - step


def _button(kind: str, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Press several times, as a player does whom nothing answers at once."""
    found, t = [], 0.0
    for k in range(int(rng.integers(3, 6))):
        if kind == "switch":  # a latching one: on, off, on, ...
            found.append((t, 127.0 if k % 2 == 0 else 0.0))
        else:
            found.append((t, 127.0))
            if kind == "button":
                found.append((t + float(rng.uniform(0.05, 0.15)), 0.0))
        t += float(rng.uniform(0.3, 0.6))
    return found


def _bystander(
    kind: str, target: Control, began: float, end: float, rng: np.random.Generator
) -> list[Arrival]:
    """Return what else arrives."""
    touch, pot = Control("cc", 1, 16), Control("cc", 2, 11)
    osc = target.kind == "osc"
    match kind:
        case "touch":
            if osc:
                touch = Control("osc", 0, 0, "/1/fader1/z")
            device = PHONE if osc else DESK
            top = 1.0 if osc else 127.0
            return [
                (began - 0.1, device, ControlEvent(touch, top)),
                (end + 0.1, device, ControlEvent(touch, 0.0)),
            ]
        case "stream":
            stream = Control("osc", 0, 0, "/accxyz")
            times = np.arange(-2.0, end + 1.0, rng.uniform(0.02, 0.1))
            wave = np.sin(times * rng.uniform(2.0, 9.0))
            return [
                (float(t), PHONE, ControlEvent(stream, float(v))) for t, v in zip(times, wave, strict=True)
            ]
        case "worn pot":
            times = np.arange(-0.5, end + 1.0, 0.03)
            return [(float(t), DESK, ControlEvent(pot, float(60 + rng.integers(3)))) for t in times]
        case "nudge":
            at, by = float(rng.uniform(began, end)), int(rng.integers(6, 30))
            return [(at + 0.01 * k, DESK, ControlEvent(pot, float(40 + k))) for k in range(by)]
        case "keys":
            note = Control("note", 1, int(rng.integers(48, 72)))
            pressure = Control("poly", 1, note.number)
            times = np.linspace(began, end, 12)
            pressed: list[Arrival] = [
                (float(t), "keys", ControlEvent(pressure, float(10 * k))) for k, t in enumerate(times)
            ]
            struck = (began - 0.05, "keys", ControlEvent(note, 90))
            return [struck, *pressed, (end + 0.2, "keys", ControlEvent(note, 0))]
        case "sensor that rests":  # moved before, and again while the hand is at the control
            sensor = Control("osc", 0, 1, "/gyro")
            times = np.concatenate([np.arange(-1.5, -0.7, 0.04), np.linspace(began, end, 8)])
            return [(float(t), PHONE, ControlEvent(sensor, float(rng.uniform(0.2, 0.8)))) for t in times]
        case _:
            return []

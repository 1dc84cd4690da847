"""Devices in front of a real server."""

import time
from collections.abc import Sequence

from tests.max4live.graph.device import LiveDevice
from tests.max4live.live_set import track

VALUES = (
    "fsl_link.js",
    "fsl_status.js",
    "fsl_decode.js",
    "fsl_state.js",
    "fsl_dials.js",
)  # what a frame and a dial need
_STEP_S = 0.005


def turn_to(device: LiveDevice, port: int):
    """Load a device and point it at the server on a port."""
    device.load()
    device.node("server_port").turn(float(port))


def live(device: LiveDevice, seconds: float):
    """Step the device as fast as the server's time passes, so that an answer is not late."""
    end = now = time.monotonic()
    end += seconds
    while now < end:
        time.sleep(_STEP_S)
        now, before = time.monotonic(), now
        device.step(1000.0 * (now - before))


def pass_time(device: LiveDevice, seconds: float):
    """Step a device that no server answers: nobody's time has to pass for that."""
    for _ in range(round(seconds / _STEP_S)):
        device.step(1000.0 * _STEP_S)


def until(devices: list[LiveDevice], condition, limit_s: float = 30.0) -> bool:
    """Let time pass for devices and server until a condition holds."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        for device in devices:
            device.step(20)
        if condition():
            return True
        time.sleep(0.004)
    return condition()


def online(device: LiveDevice) -> bool:
    return any(message[0] == "online" for _, message in device.script("fsl_status.js").got)


def connect(device: LiveDevice, port: int):
    turn_to(device, port)
    assert until([device], lambda: online(device)), device.status
    until([device], lambda: gate_is_open(device), 2.0)


def gate_is_open(device: LiveDevice) -> bool:
    (told,) = [n for n in device.nodes_named("route") if n.arguments[:2] == ["gate", "ask"]]
    return any(node.open for node, _ in told.cords[0])


def press(device: LiveDevice, name: str):
    """Press a button that Live can map: it is a switch, and each change is a press."""
    button = device.node(name)
    button.turn(1 - button.value)
    device.step(25)


def menu_of(device: LiveDevice, title: str):
    """Return the menu of a title."""
    return next(node for node in device.nodes_named("umenu") if node.box["annotation_name"] == title)


def put_on_track(
    device: LiveDevice, names: Sequence[str], scripts: Sequence[str] = ("fsl_bind.js", "fsl_dials.js")
):
    """Put a device, as far as these scripts see it, on a track with a plug-in that shows parameters."""
    device.tree = track(list(names))
    for script in scripts:
        device.script(script).ask({"live": device.tree})


def take(device: LiveDevice, k: int, percent: float):
    """Turn dial k, counted from 1, to an end, where it is together with the sound, and then to a position."""
    for there in (100.0, percent):
        device.node(f"macro_{k}").turn(there)
        device.step(60)


def identity(device: LiveDevice) -> str:
    """Return the identity of the device's own instrument, as the server last said it."""
    return [m[1] for _, m in device.script("fsl_status.js").got if m[0] == "plays"][-1]


def bind(device: LiveDevice, n: int):
    """Send what the bind script would: remote k drives the plug-in's parameter 100 + k."""
    script = device.script("fsl_bind.js")
    script.out(0, ["low", *[0.0] * n])
    script.out(0, ["span", *[1.0] * n])
    for k in range(n):
        script.out(0, [k, "id", 100 + k])


def expect_frames(device: LiveDevice, n: int):
    """Send what the decoder's script would once a server with n parameters has been found."""
    script = device.script("fsl_decode.js")
    for outlet, message in ((0, ["count", n + 1]), (0, ["reset"]), (2, ["frames", 1])):
        script.out(outlet, message)


def played(device: LiveDevice, n: int) -> list[float]:
    """Return the last value of each of the first n remotes."""
    return [remote.values[-1] for remote in device.remotes[:n]]

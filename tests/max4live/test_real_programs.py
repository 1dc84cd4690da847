"""The devices' traffic from programs that people really use: liblo's tools and Pure Data in real time."""

import contextlib
import re
import shutil
import subprocess
import time

import pytest

from server.client import Client
from tests.max4live.graph.device import LiveDevice
from tests.max4live.playing import VALUES, bind, connect, identity, until
from tests.support.live import free_port, running_server

pytestmark = pytest.mark.real


def needs(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed: sudo apt-get install {package}")
    return path


@pytest.fixture
def traffic(built, server):
    """What a device sent to the server from being added to being removed."""
    with LiveDevice(built["Flow Synth"], VALUES) as device:
        connect(device, server.port)
        device.node("macro_2").turn(80.0)
        device.step(1200)
        device.remove()
        to_server = next(
            node for node in device.nodes_named("udpsend") if node.sent and "/flow/hello" in str(node.sent)
        )
        return to_server.sent


def test_liblo_says_what_a_device_says(traffic, server):
    """The same messages by oscsend: the server answers each to the port that hello names."""
    oscsend, oscdump = needs("oscsend", "liblo-tools"), needs("oscdump", "liblo-tools")
    port = free_port()
    listener = subprocess.Popen(
        [needs("stdbuf", "coreutils"), "-oL", oscdump, str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        time.sleep(0.5)
        for address, *values in traffic:
            if address == "/flow/hello":
                values[1] = port
            tags = "".join(
                "s" if isinstance(v, str) else "f" if isinstance(v, float) else "i" for v in values
            )
            command = [oscsend, "localhost", str(server.port), address, *([tags] if tags else [])]
            subprocess.run([*command, *(str(v) for v in values)], check=True, timeout=10)
        time.sleep(0.5)
    finally:
        listener.terminate()
    heard = listener.communicate(timeout=10)[0]
    assert {"/flow/hello", "/flow/names", "/flow/presets", "/flow/macro", "/flow/bye"} <= {
        m[0] for m in traffic
    }
    assert re.search(r"/flow/welcome iiisssiiisss ", heard)
    assert re.search(r"/flow/params i" + "f" * 32, heard)
    assert "/flow/error" not in heard


def test_two_oscsend_windows_and_a_panel_act_on_the_focus(built, tiny_models, tmp_path):
    """Programs that know of one instrument only, beside two Flow Synths."""
    oscsend = needs("oscsend", "liblo-tools")
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(running_server(tiny_models[32], tmp_path))
        devices = [stack.enter_context(LiveDevice(built["Flow Synth"], VALUES)) for _ in range(2)]
        for device in devices:
            connect(device, server.port)
            bind(device, 32)
        panel = stack.enter_context(Client(server.port, kind="panel", name="panel"))

        def moved():
            return [len(device.remotes[0].values) for device in devices]

        def window(address, tags, *values):
            words = [oscsend, "localhost", str(server.port), address, tags, *(str(v) for v in values)]
            subprocess.run(words, check=True, timeout=10)

        def moves_only(focus, send):
            before = moved()
            send()
            assert until(devices, lambda: moved()[focus] > before[focus])
            assert moved()[1 - focus] == before[1 - focus]

        until(devices, lambda: False, 3.2)  # a server that has just started refuses strangers for 3 s
        for focus in (0, 1):
            panel.send("/flow/focus", identity(devices[focus]))
            until(devices, lambda: False, 0.5)
            panel.receive_all(0.05)
            moves_only(focus, lambda at=0.1 + focus / 2: window("/flow/macro", "if", 0, at))
            moves_only(focus, lambda at=0.8 - focus / 2: window("/flow/macro/3", "f", at))
            assert panel.wait_for("/flow/params") is not None
            moves_only(focus, lambda at=0.3 + focus / 2: panel.send("/flow/macro", 5, at))


# Without -batch: that runs Pd's clock as fast as it can, and nothing would arrive in time.
PD = """\
#N canvas 0 0 600 400 10;
#X obj 10 10 loadbang;
#X msg 10 40 connect localhost {port};
#X obj 10 300 netsend -u -b;
#X obj 100 40 delay 300;
#X msg 100 70 4711 {own_port} 1 device pd;
#X obj 100 100 oscformat -f iiiss flow hello;
#X obj 100 130 list prepend send;
#X obj 100 160 list trim;
#X obj 250 40 delay 700;
#X msg 250 70 3 0.8;
#X obj 250 100 oscformat -f if flow macro;
#X obj 400 40 delay 900;
#X msg 400 70 17;
#X obj 400 100 oscformat -f i flow ping;
#X obj 500 40 delay 1800;
#X msg 500 70 \\; pd quit;
#X obj 300 240 netreceive -u -b {own_port};
#X obj 300 270 oscparse;
#X obj 300 300 print answer;
#X connect 0 0 1 0;
#X connect 0 0 3 0;
#X connect 0 0 8 0;
#X connect 0 0 11 0;
#X connect 0 0 14 0;
#X connect 1 0 2 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
#X connect 5 0 6 0;
#X connect 6 0 7 0;
#X connect 7 0 2 0;
#X connect 8 0 9 0;
#X connect 9 0 10 0;
#X connect 10 0 6 0;
#X connect 11 0 12 0;
#X connect 12 0 13 0;
#X connect 13 0 6 0;
#X connect 14 0 15 0;
#X connect 16 0 17 0;
#X connect 17 0 18 0;
"""


def test_pure_data_as_a_device(server, tmp_path):
    """Hello, a dial and a heartbeat from one socket; the answers come to the port that hello named."""
    pd = needs("pd", "puredata-core")
    patch = tmp_path / "device.pd"
    patch.write_text(PD.format(port=server.port, own_port=free_port()))
    done = subprocess.run(
        [pd, "-nogui", "-noaudio", "-nomidi", "-nrt", "-stderr", "-open", str(patch)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    # `answer: list flow welcome 4711 ...`
    lines = [line.split() for line in done.stderr.splitlines() if line.startswith("answer:")]
    heard = {words[words.index("flow") + 1]: words[words.index("flow") + 2 :] for words in lines}
    assert {"welcome", "params", "pong"} <= heard.keys(), done.stderr
    assert heard["welcome"][0] == "4711"
    assert len(heard["params"]) == 33 and all(0.0 <= float(v) <= 1.0 for v in heard["params"][1:])
    assert heard["pong"][0] == "17"

"""The harness by which another program plays Max for one script: JSON lines in, JSON lines out."""

import json
import subprocess
import time

import pytest

from tests.max4live.scripts.test_scripts import HERE, NODE, needs_node

pytestmark = needs_node


class Script:
    """One script in a process of its own."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [NODE, str(HERE / "harness.mjs"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, **message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=10) == 0
        self.process.stdout.close()


@pytest.fixture
def script():
    made = []

    def make(*arguments):
        made.append(Script(*arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_a_device_comes_up(script):
    link = script("fsl_link.js", "cc")
    out = link.ask(message=["flow", "start"])["out"]
    assert [outlet for outlet, _ in out] == [3, 1, 2]
    [[outlet, [address, probe]]] = link.ask(advance_ms=60)["out"]
    assert (outlet, address) == (2, "/flow/loop")
    hello = [m for o, m in link.ask(message=["flow", "loop", probe])["out"] if o == 0]
    assert hello[0][0] == "/flow/hello" and hello[0][4] == "cc"
    assert link.ask(facts=True)["faults"] == []


def test_two_devices_with_a_real_clock_do_not_begin_alike(script):
    ports = set()
    for _ in range(2):
        link = script("--real-clock", "fsl_link.js", "synth")
        out = link.ask(message=["flow", "start"])["out"]
        ports.add(next(m[1] for o, m in out if o == 1))
        began = time.monotonic()
        late = json.loads(link.process.stdout.readline())["out"]  # unasked, once its Task is due
        assert late[0][1][0] == "/flow/loop"
        assert 0.02 < time.monotonic() - began < 5
    assert len(ports) == 2


def test_several_scripts_in_one_process_are_apart(script):
    one = script("--several")
    for k, (name, seed) in enumerate((("synth", 7), ("synth", 7), ("cc", 8))):
        assert one.ask(open=["fsl_link.js", name], seed=seed) == {"script": k}
    first, same, other = (one.ask(script=k, message=["flow", "start"])["out"] for k in range(3))
    assert first == same != other
    assert one.ask(script=1, advance_ms=60)["out"][0][1][0] == "/flow/loop"
    assert one.ask(script=0, advance_ms=10)["out"] == [], "time passes for one"
    assert [bool(out) for out in one.ask(advance_all_ms=55)["outs"]] == [True, False, True]
    assert "there is no script 9" in one.ask(script=9, facts=True)["fault"]
    assert "fault" in one.ask(open=["fsl_nothing.js"], seed=1)


def test_a_picture(script):
    link = script("fsl_map.js")
    assert link.ask(size=[120, 90]) == {"out": []}
    assert link.ask(paint="svg")["svg"].startswith(
        '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="90"'
    )


def test_what_it_does_not_understand_is_a_fault_and_not_the_end(script):
    link = script("fsl_link.js", "synth")
    link.process.stdin.write("rubbish\n")
    assert "fault" in link.ask()
    link.process.stdout.readline()
    assert "fault" in link.ask(nonsense=1)
    assert "out" in link.ask(message=["flow", "start"])


def test_a_live_set(script):
    bind = script("fsl_bind.js")
    device = {
        "id": 9,
        "type": "MaxDevice",
        "props": {"name": "Flow Synth", "class_name": "MxDeviceAudioEffect"},
    }
    track = {"id": 2, "type": "Track", "props": {}, "lists": {"devices": [device]}}
    root = {"id": 1, "type": "Song", "props": {}, "lists": {"tracks": [track]}}
    bind.ask(live={"this_device": 9, "root": root})
    bind.ask(device_ready=True)
    texts = [m for o, m in bind.ask(message=["flow", "start"])["out"] if o == 3]
    assert texts == [["bind", "no plug-in on this track: put the synth on it"]]

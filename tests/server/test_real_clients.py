"""Programs that people really use: liblo's tools and Pure Data."""

import re
import shutil
import subprocess
import time

import pytest

from tests.support.live import free_port

pytestmark = pytest.mark.real


def needs(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed: sudo apt-get install {package}")
    return path


def frame_in(text: str) -> list[float]:
    """The values of the last frame that a program printed."""
    lines = [line for line in text.splitlines() if "params" in line]
    assert lines, text
    numbers = re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", lines[-1].split("params", 1)[1])
    return [float(n) for n in numbers[-32:]]


def test_oscsend_and_oscdump(server):
    oscsend, oscdump = needs("oscsend", "liblo-tools"), needs("oscdump", "liblo-tools")
    unbuffered = [needs("stdbuf", "coreutils"), "-oL"]
    listener = subprocess.Popen(
        [*unbuffered, oscdump, str(server.reply_port)], stdout=subprocess.PIPE, text=True
    )
    try:
        time.sleep(0.5)
        send = [oscsend, "localhost", str(server.port)]
        subprocess.run([*send, "/flow/macro", "if", "0", "0.8"], check=True, timeout=10)
        subprocess.run([*send, "/flow/macro", "if", "99", "0.8"], check=True, timeout=10)
        time.sleep(0.5)
    finally:
        listener.terminate()
    text = listener.communicate(timeout=10)[0]
    values = frame_in(text)
    assert len(values) == 32 and all(0.0 <= v <= 1.0 for v in values)
    assert re.search(r"/flow/params i" + "f" * 32, text)
    assert re.search(r'/flow/error ss "/flow/macro" ".*0 to 7', text)


# Without -batch: that runs Pd's clock as fast as it can, and nothing would arrive in time.
PD = """\
#N canvas 0 0 600 400 10;
#X obj 10 10 loadbang;
#X msg 10 40 connect localhost {port};
#X obj 10 300 netsend -u -b;
#X obj 100 40 delay 300;
#X msg 100 70 0 0.8;
#X obj 100 100 oscformat {tags} flow macro;
#X obj 100 130 list prepend send;
#X obj 100 160 list trim;
#X obj 200 40 delay 1200;
#X msg 200 70 \\; pd quit;
#X obj 300 40 netreceive -u -b {reply_port};
#X obj 300 70 oscparse;
#X obj 300 100 print answer;
#X connect 0 0 1 0;
#X connect 0 0 3 0;
#X connect 0 0 8 0;
#X connect 1 0 2 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
#X connect 5 0 6 0;
#X connect 6 0 7 0;
#X connect 7 0 2 0;
#X connect 8 0 9 0;
#X connect 10 0 11 0;
#X connect 11 0 12 0;
"""


@pytest.mark.parametrize("tags", ["-f if", ""])
def test_pure_data(server, tmp_path, tags):
    pd = needs("pd", "puredata-core")
    patch = tmp_path / "client.pd"
    patch.write_text(PD.format(port=server.port, reply_port=server.reply_port, tags=tags))
    done = subprocess.run(
        [pd, "-nogui", "-noaudio", "-nomidi", "-nrt", "-stderr", "-open", str(patch)],
        capture_output=True,
        text=True,
        timeout=30,
    )
    values = frame_in(done.stderr)
    assert len(values) == 32 and all(0.0 <= v <= 1.0 for v in values)


def test_free_ports_are_free():
    assert free_port() != free_port()

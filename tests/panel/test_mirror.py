"""The server's state as its messages say it. No socket."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.playing.gestures import GESTURE_POINTS
from panel.osc.link import Link
from panel.osc.messages import Binding
from panel.osc.mirror import Mirror
from server.osc.addresses import TO_CLIENTS
from server.osc.builder import build, osc_message


def frame(sequence, values):
    return osc_message("/flow/params", sequence, values)


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=70))
def test_frames_are_read_as_they_were_written(values):
    mirror = Mirror()
    assert mirror.receive(frame(7, values)) == "params"
    assert mirror.patch.tolist() == values and mirror.revision == 1
    assert mirror.receive(frame(6, [0.0] * len(values))) is None  # came late
    assert mirror.patch.tolist() == values
    assert mirror.receive(frame(8, [0.5])) == "params" and mirror.patch.tolist() == [0.5]


def test_the_mirror_follows_what_the_server_says():
    mirror = Mirror()
    welcome = osc_message("/flow/welcome", 1, 2, 1, "0.1", "m", "vital", 2, 3, 4, "/tmp/ä")
    assert mirror.receive(welcome) == "welcome" and mirror.welcome.n_parameters == 4
    assert mirror.receive(osc_message("/flow/macros", [0.25, 0.5])) == "macros" and mirror.macros == (
        0.25,
        0.5,
    )
    assert mirror.receive(osc_message("/flow/frozen", 1, 1)) == "frozen" and mirror.frozen == {1}
    assert mirror.receive(osc_message("/flow/status", "macro 0 'Bright' is frozen")) == "notices"
    assert mirror.frozen == {1}  # what people read is not taken apart
    mirror.receive(osc_message("/flow/frozen", 1, 0))
    assert mirror.frozen == set()
    assert mirror.receive(osc_message("/flow/path", 12, 1)) == "path"
    assert (mirror.path_points, mirror.path_space) == (12, 1)
    for k in range(2):
        assert mirror.receive(osc_message("/flow/path/point", k, 0.25, 0.5 * k)) == "path"
    mirror.receive(osc_message("/flow/path", 1, 0))
    assert mirror.path_places == {0: (0.25, 0.0)}  # the others are gone
    mirror.receive(osc_message("/flow/error", "/flow/learn", "start it with --midi"))
    assert mirror.notices[-1].wrong and mirror.notices[-1].serial == 2
    assert mirror.notices[-1].address == "/flow/learn"
    mirror.receive(osc_message("/flow/preset", 0, "A Pad", 0.5, 0.25))
    assert mirror.presets[0].name == "A Pad"
    for j in range(3):
        mirror.receive(osc_message("/flow/binding", j, 1, "CC 20 of Knobs", "pickup", 0.25, 0, "bass"))
    assert mirror.receive(osc_message("/flow/bindings", 1)) == "bindings" and len(mirror.bindings) == 1
    assert mirror.bindings[0] == Binding(1, "CC 20 of Knobs", "pickup", 0.25, False, "bass")
    for k, chosen in enumerate((2, -1)):
        assert mirror.receive(osc_message("/flow/sketch/microphone", k, 2, f"Mic {k}", 2 - k, chosen)) == (
            "microphones"
        )
    assert [m.choice for m in mirror.microphones.values()] == ["Mic 0:2", ""]
    assert list(mirror.microphones[0].choices) == ["Mic 0", "Mic 0:1", "Mic 0:2"]
    assert mirror.microphones[1].choices == {"Mic 1": "Mic 1"}
    mirror.receive(osc_message("/flow/sketch/microphone", 0, 1, "Mic 0", 2, 0))
    assert len(mirror.microphones) == 1 and mirror.microphones[0].choice == "Mic 0"
    for k in range(3):
        mirror.receive(osc_message("/flow/sketch/candidate", k, 0.5, "one"))
    mirror.receive(osc_message("/flow/sketch/candidate", 1, 0.9, "better"))
    assert mirror.candidates[1].label == "better" and len(mirror.candidates) == 3
    mirror.receive(osc_message("/flow/sketch/state", "hearing", 0.0))
    assert mirror.candidates == {}
    mirror.receive(osc_message("/flow/sketch/candidate", 0, 0.5, "one"))
    mirror.receive(osc_message("/flow/pitch", 60, 0.0))
    assert mirror.receive(osc_message("/flow/sketch/candidates", 2)) == "another_sketch"
    assert mirror.candidates == {} and mirror.pitch is None
    assert mirror.receive(osc_message("/flow/sketch/following", 1)) == "following" and mirror.following
    assert mirror.receive(osc_message("/flow/learning", 3, "bass")) == "learning"
    assert mirror.learning == (3, "bass")
    for k in range(2):
        mirror.receive(osc_message("/flow/instrument", k, 2, f"id-{k}", f"Track {k}", 1, k, ""))
    assert mirror.focus == "id-1"


def test_gestures_are_those_of_the_sound_and_can_be_off():
    mirror, heights = Mirror(), np.linspace(0.0, 1.0, GESTURE_POINTS)
    assert mirror.receive(osc_message("/flow/sketch/gestures", 1, 2)) == "gestures"
    revision = mirror.revision
    assert mirror.receive(osc_message("/flow/sketch/gesture", "pitch", 1.5, 7.0, heights)) == "gestures"
    assert mirror.receive(osc_message("/flow/sketch/gesture", "wobble", 1.5, 7.0, heights)) is None
    assert mirror.receive(osc_message("/flow/sketch/gesture", "pitch", -1.0, 7.0, heights)) is None
    played = mirror.gestures.played
    assert played.seconds == 1.5 and played.pitch.depth == 7.0 and played.loudness is None
    assert mirror.revision > revision  # the answer sounds another way
    mirror.receive(osc_message("/flow/sketch/gestures", 0, 1))
    mirror.receive(osc_message("/flow/sketch/gesture", "loudness", 1.5, 1.0, heights))
    assert mirror.gestures.played is None and mirror.gestures.drawn.loudness is not None
    mirror.forget_model()
    assert mirror.gestures.on and mirror.gestures.drawn is None


@given(st.binary(max_size=300))
def test_noise_changes_nothing_and_breaks_nothing(noise):
    mirror = Mirror()
    mirror.receive(noise)
    assert mirror.welcome is None


@pytest.mark.parametrize(
    "datagram",
    [
        build("/flow/welcome", "i", 1),
        build("/flow/place", "f", 0.5),
        build("/flow/preset", "s", "no number"),
        build("/flow/nonsense", "i", 1),
        b"/flow/params\0\0\0\0,iff\0\0\0\0",
        b"/flow/params\0\0\0\0,i\0\0",
    ],
)
def test_a_message_of_another_version_is_left_out(datagram):
    assert Mirror().receive(datagram) in (None, "notices")


@given(
    k=st.integers(0, 9_999), name=st.text(max_size=64).filter(lambda s: "\0" not in s and s.isprintable()),
    x=st.floats(0, 1, width=32), y=st.floats(0, 1, width=32),
)  # fmt: skip
def test_presets_are_read_as_they_were_written(k, name, x, y):
    mirror = Mirror()
    assert mirror.receive(osc_message("/flow/preset", k, name, x, y)) == "presets"
    assert (mirror.presets[k].name, mirror.presets[k].x, mirror.presets[k].y) == (name, x, y)
    assert mirror.lacks_presets == (k > 0)


def test_presets_that_have_other_indices_are_forgotten_and_asked_for():
    mirror = Mirror()
    for k, name in enumerate("abc"):
        mirror.receive(osc_message("/flow/preset", k, name, 0.5, 0.5))
    before = mirror.presets_revision
    assert mirror.receive(osc_message("/flow/preset/count", 2)) == "presets_gone"
    assert mirror.presets == {} and mirror.presets_revision > before


def test_the_link_asks_for_presets_again_when_one_is_gone():
    sent, changed = [], []
    link = Link(("127.0.0.1", 9130), Mirror(), changed.append)
    link.send = lambda *message: sent.append(message)
    link._receive([(osc_message("/flow/preset/count", 2), ("127.0.0.1", 9130))])
    assert sent == [("/flow/presets",), ("/flow/kinds",)] and changed == ["presets"]


def test_a_place_beyond_the_map_is_left_out():
    mirror = Mirror()
    for x, y in ((1.5, 0.0), (0.0, -0.1), (float("nan"), 0.5)):
        assert mirror.receive(osc_message("/flow/preset", 0, "x", x, y)) is None
    assert mirror.receive(osc_message("/flow/preset", -1, "x", 0.5, 0.5)) is None


def test_what_the_server_cannot_do_is_said_beside_the_control_and_not_twice():
    mirror = Mirror()
    text = "there is no microphone; connect one and ask again."
    mirror.receive(osc_message("/flow/sketch/microphone", 0, 1, "Mic", 1, 0))
    assert mirror.receive(osc_message("/flow/can", "record", 0, text)) == "can"
    assert mirror.receive(osc_message("/flow/status", text)) is None and not mirror.notices
    assert mirror.unable == {"record": "T" + text[1:]} and not mirror.microphones
    assert mirror.receive(osc_message("/flow/status", "")) == "notices"
    mirror.receive(osc_message("/flow/can", "learn", 0, "start it with --midi"))
    mirror.receive(osc_message("/flow/can", "record", 1, ""))
    assert list(mirror.unable) == ["learn"]
    mirror.forget_run()
    assert mirror.unable == {}


def example(address):
    """A message as its row says, with numbers at the lower end of their range and runs of three."""
    values = []
    for argument in TO_CLIENTS[address].arguments:
        value = argument.name if argument.type == "s" else max(argument.low, 0)
        values.append(value if argument.count == 1 else [value] * 3)
    return osc_message(address, *values)


SHOWN = """welcome pong params macros latent place name macroname preset preset/patch model client instrument
frozen path status error curve health pitch sketch/state sketch/candidate sketch/take bindings binding
sketch/candidates sketch/following sketch/gestures learning macro/known own said can"""


@pytest.mark.parametrize("address", [f"/flow/{word}" for word in SHOWN.split()])
def test_every_message_that_the_panel_shows_is_taken_in(address):
    assert Mirror().receive(example(address)) is not None


@pytest.mark.parametrize("address", TO_CLIENTS)
def test_no_message_of_the_table_breaks_it(address):
    Mirror().receive(example(address))


@given(
    st.sampled_from(["/flow/params", "/flow/macros", "/flow/preset"]),
    st.integers(0, 200),
    st.binary(max_size=12),
    st.integers(0, 40),
)
def test_a_hot_message_that_is_cut_or_written_over_breaks_nothing(address, at, noise, cut):
    raw = example(address)
    mirror = Mirror()
    mirror.receive(raw)  # its layout is known now
    before = mirror.macros, mirror.patch.tolist(), dict(mirror.presets)
    broken = raw[:at] + noise + raw[at + len(noise) : len(raw) - cut]
    if mirror.receive(broken) is None:
        assert (mirror.macros, mirror.patch.tolist(), mirror.presets) == before
    assert all(0 <= item.x <= 1 and 0 <= item.y <= 1 for item in mirror.presets.values())


def test_runs_of_any_length_follow_each_other():
    mirror = Mirror()
    for n in (8, 1, 33, 8, 2):
        assert mirror.receive(osc_message("/flow/macros", np.full(n, 0.5))) == "macros"
        assert mirror.macros == (0.5,) * n

"""Flow Sketch: what its wires do with what its script and the server say."""

import pytest

from server.osc.builder import osc_message
from tests.max4live.graph.device import LiveDevice
from tests.max4live.playing import menu_of


@pytest.fixture
def sketch(built):
    with LiveDevice(built["Flow Sketch"]) as device:
        device.load()
        yield device


def said(device):
    return [message for _, message in device.script("fsl_sketch.js").got]


def test_the_sound_goes_through_untouched(sketch):
    """Both channels run from plugin~ to plugout~ by a cord, with nothing between."""
    (source,), (sink,) = sketch.nodes_named("plugin~"), sketch.nodes_named("plugout~")
    for channel in (0, 1):
        assert (sink, channel) in source.cords[channel]
    feeds = [node for node in sketch.nodes for cords in node.cords for end, _ in cords if end is sink]
    assert feeds == [source, source]


def test_a_foot_switch_records(sketch):
    sketch.node("sketch").turn(1)
    sketch.node("sketch").turn(0)
    assert said(sketch)[-2:] == [["record", 1], ["record", 0]]


def test_a_take_is_recorded_and_written(sketch):
    (tape,), (buffer,) = sketch.nodes_named("record~"), sketch.nodes_named("buffer~")
    script = sketch.script("fsl_sketch.js")
    script.out(1, ["record", 1])
    script.out(1, ["record", 0])
    assert [message for inlet, message in tape.got if inlet == 0][-2:] == [[1], [0]]
    path = "C:/Users/Ana Müller/sketches/sketch-1-1.wav"
    script.out(1, ["writewave", path])
    assert buffer.got[-1] == (0, ["writewave", path])
    buffer.out(1, ["bang"])
    assert said(sketch)[-1] == ["written"]


def test_a_full_tape_says_so_once(sketch):
    (meter,) = sketch.nodes_named("snapshot~")
    for place in (0.2, 0.8, 0.999, 1.0, 1.0, 0.0, 0.3, 0.999):
        meter.out(0, [place])
    assert said(sketch).count(["full"]) == 2


def shown(device):
    """Return the scripting names of the boxes that appear and disappear, and are there."""
    hidden = {
        b["box"]["varname"]: b["box"]["hidden"] for b in device.patcher["boxes"] if "hidden" in b["box"]
    }
    for window in device.nodes_named("thispatcher"):
        for _, (script, sendbox, name, word, value) in window.got:
            assert (script, sendbox, word) == ("script", "sendbox", "hidden")
            hidden[name] = value
    return {name for name, value in hidden.items() if not value}


def test_at_rest_there_are_no_rows_and_nothing_to_compare(sketch):
    assert shown(sketch) == {"invitation"}
    script = sketch.script("fsl_sketch.js")
    script.out(2, ["rows", 2])
    script.out(2, ["comparable", 1])
    assert shown(sketch) == {"candidate_1", "candidate_2", "compare"}
    script.out(2, ["rows", 0])
    script.out(2, ["comparable", 0])
    assert shown(sketch) == {"invitation"}


def test_candidates_fill_the_rows(sketch):
    script = sketch.script("fsl_sketch.js")
    script.out(2, ["candidate", 0, "Blurred Slow Bass   81 %"])
    script.out(2, ["candidate", 1, "Refined 1   50 %"])
    script.out(2, ["picked", 1])
    rows = [sketch.node(f"candidate_{k + 1}") for k in range(6)]
    assert rows[0].attributes["text"] == rows[0].attributes["texton"] == ["Blurred Slow Bass   81 %"]
    assert [row.value for row in rows] == [0, 1, 0, 0, 0, 0]
    script.out(2, ["picked", -1])
    assert not any(row.value for row in rows)


def test_a_click_on_a_row_picks_it(sketch):
    sketch.node("candidate_3").turn(1)
    assert said(sketch)[-1] == ["pick", 2]


def test_news_do_not_come_back_as_orders(sketch):
    """What the script says about its state is shown with `set`, so it is not told the same again."""
    script, n = sketch.script("fsl_sketch.js"), len(said(sketch))
    for message in (["recording", 1], ["following", 1], ["ab", 1], ["picked", 2], ["recording", 0]):
        script.out(2, message)
    assert len(said(sketch)) == n
    assert (sketch.node("follow_voice").value, sketch.node("compare").value) == (1, 1)


def test_the_level_reaches_the_meter(sketch):
    sketch.nodes_named("peakamp~")[0].out(0, [0.25])
    assert sketch.script("fsl_meter.js").got[-1] == (0, ["level", 0.25])


def test_the_servers_microphone_is_chosen_from_a_menu(built):
    with LiveDevice(built["Flow Sketch"], ("fsl_microphones.js",)) as sketch:
        sketch.load()
        script = sketch.script("fsl_microphones.js")
        script.receive(0, ["flow", "online", 7, 8, 32, 32, "vital-32", "vital"])
        sketch.node("sketch_from").turn(1)
        (receiver,) = sketch.nodes_named("udpreceive")
        for k, row in enumerate((("Built-in", 1, -1), ("Scarlett", 2, 0))):
            receiver.datagram(osc_message("/flow/sketch/microphone", k, 2, *row))
        sketch.clock.settle()
        menu = menu_of(sketch, "Microphone")
        assert menu.items[menu.value] == "Scarlett" and len(menu.items) == 5
        menu.pick(4)
        sketch.clock.settle()
        sent = [m for node in sketch.nodes_named("udpsend") for m in node.sent]
        assert sent == [["/flow/sketch/microphones"], ["/flow/sketch/microphone", "Scarlett:2"]]

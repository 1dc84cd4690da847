"""The builder refuses what Max would drop without a word."""

import pytest

from max4live.builder.device import Bank, Device
from max4live.builder.errors import DesignError
from max4live.builder.objects import ports_of
from max4live.builder.parameter import Kind, Parameter, Unit, Visibility
from max4live.builder.patcher import Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import from_server, to_server


@pytest.fixture
def patch():
    return Patcher("test")


def dial(patch, name="Macro", rect=None, **more):
    parameter = Parameter(name=name, info="What it does.", **more)
    return patch.ui("live.dial", rect or Rect(0, 0, 40, 48), parameter)


def device(patch, **more):
    return Device(**{"name": "Test", "kind": "audio", "width": 100, "patcher": patch, **more})


@pytest.mark.parametrize(
    "text", ["pcontrol", "udprecieve 9000", "print", "odot.route", "v8 x.js", "live.map", ""]
)
def test_unknown_objects(patch, text):
    with pytest.raises(DesignError):
        patch.obj(text)


def test_a_drawn_object_is_no_text_box(patch):
    with pytest.raises(DesignError, match="drawn"):
        patch.obj("live.dial")


@pytest.mark.parametrize(
    ("text", "n_inlets", "n_outlets"),
    [
        ("t b l i", 1, 3),
        ("route a b c", 4, 4),
        ("route a", 2, 2),
        ("sel 0 1 2", 4, 4),
        ("unpack 0 0. s", 1, 3),
        ("pack 0 0 0", 3, 1),
        ("gate 3", 2, 3),
        ("expr $i1 + $i2 * $i3", 3, 1),
        ("live.remote~", 2, 0),
        ("udpreceive 9201 @quiet 1", 1, 1),
    ],
)
def test_ports(text, n_inlets, n_outlets):
    ports = ports_of(text)
    assert (ports.n_inlets, len(ports.outlets)) == (n_inlets, n_outlets)


def test_wires_that_cannot_be(patch):
    trigger, number = patch.obj("t b b"), patch.obj("i")
    with pytest.raises(DesignError, match="outlets"):
        patch.wire(trigger[2], number)
    with pytest.raises(DesignError, match="inlets"):
        patch.wire(trigger[0], number[2])
    patch.wire(trigger[0], number)
    with pytest.raises(DesignError, match="twice"):
        patch.wire(trigger[0], number)
    with pytest.raises(DesignError, match="sound"):
        patch.wire(patch.obj("plugin~"), number[1])
    with pytest.raises(DesignError, match="not in patcher"):
        patch.wire(Patcher("other").obj("i"), number)


@pytest.mark.parametrize(
    "rect", [Rect(0, 122, 40, 48), Rect(61, 0, 40, 48), Rect(-1, 0, 40, 48), Rect(0, 0, 0, 9)]
)
def test_boxes_off_the_strip(patch, rect):
    dial(patch, rect=rect)
    with pytest.raises(DesignError, match="off the strip"):
        device(patch).json()


def test_boxes_over_each_other(patch):
    dial(patch, "One")
    dial(patch, "Two", rect=Rect(39, 47, 40, 48))
    with pytest.raises(DesignError, match="lies over"):
        device(patch).json()


def test_pages_may_lie_over_each_other(patch):
    for page in (0, 1):
        patch.ui("live.dial", Rect(0, 0, 40, 48), Parameter(name=f"On {page}", info="Some."), page=page)
    boxes = [entry["box"] for entry in device(patch).json()["patcher"]["boxes"]]
    assert [box.get("hidden", 0) for box in boxes] == [0, 1]


def test_one_name_for_two_parameters(patch):
    dial(patch, "One")
    dial(patch, "One", rect=Rect(50, 0, 40, 48))
    with pytest.raises(DesignError, match="two parameters"):
        device(patch).json()


@pytest.mark.parametrize("entries", [("Macro",), ("Nobody", *["-"] * 7), ("Hidden", *["-"] * 7)])
def test_banks(patch, entries):
    dial(patch)
    dial(patch, "Hidden", rect=Rect(50, 0, 40, 48), visibility=Visibility.HIDDEN)
    with pytest.raises(DesignError, match="bank"):
        device(patch, banks=(Bank("A", entries),)).json()


@pytest.mark.parametrize("text", ["s everywhere", "buffer~ take 100", "r everywhere"])
def test_names_that_all_devices_would_share(patch, text):
    patch.obj(text)
    dial(patch)
    with pytest.raises(DesignError, match="---"):
        device(patch).json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"low": 1.0, "high": 1.0},
        {"initial": 2.0},
        {"kind": Kind.INT, "high": 9130.0},
        {"kind": Kind.ENUM, "choices": ("one",)},
        {"unit": Unit.CUSTOM},
        {"unit_text": "%.1f s"},
        {"info": "no sentence"},
        {"name": ""},
    ],
)
def test_parameters_that_live_would_show_wrongly(wrong):
    with pytest.raises(DesignError):
        Parameter(**{"name": "Macro", "info": "What it does.", **wrong})


def test_every_control_is_explained(patch):
    with pytest.raises(DesignError, match="needs information"):
        patch.ui("umenu", Rect(0, 0, 80, 16))
    with pytest.raises(DesignError, match="Live parameter"):
        patch.ui("live.dial", Rect(0, 0, 40, 48))


def test_addresses_come_from_the_table():
    assert to_server("path/play") == "/flow/path/play"
    for word in ("params", "nothing", "../hello"):
        with pytest.raises(DesignError):
            to_server(word)
    with pytest.raises(DesignError):
        from_server("hello")


def test_scripts_are_spoken_to_behind_a_prefix(patch):
    script = patch.js("some.js", 1, 1)
    patch.wire(patch.obj("prepend save"), script, patch.obj("route x"))
    texts = {box.id: box.text for box in patch.boxes}
    cords = [(texts[w.source.box.id], texts[w.destination.box.id]) for w in patch.wires]
    assert cords == [
        ("prepend flow", "js some.js"),
        ("prepend save", "prepend flow"),
        ("js some.js", "route x"),
    ]

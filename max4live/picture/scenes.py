"""The pictures in docs/images/devices: every device in its main states."""

from collections.abc import Iterator

from max4live.designs.flow_cc import flow_cc
from max4live.designs.flow_instrument import flow_instrument
from max4live.designs.flow_server import flow_server
from max4live.designs.flow_sketch import flow_sketch
from max4live.designs.flow_synth import flow_synth, flow_synth_midi
from max4live.designs.synth.layout import CURVES, PATH, PLAYER, PRESETS, SETUP
from max4live.designs.synth.macros import dial_label
from max4live.picture.scene import LAMPS, Message, Scene
from max4live.picture.sounds import curve_messages, macro_names, map_messages

__all__ = ["scenes"]

_ONLINE: Message = ("online", 1, 8, 32, 32, "vital-32", "vital")
_DIALS = (72.0, 31.0, 8.0, 55.0, 64.0, 83.0, 47.0, 60.0)
_CONNECTED = "connected to vital-32, answers in 0.4 ms"
_PLAYING = {f"macro_{k + 1}": value for k, value in enumerate(_DIALS)} | {"explore": 1.0, "freeze_3": 1.0}
_MACROS: Message = ("macros", *(value / 100 for value in _DIALS))


def scenes() -> Iterator[Scene]:
    """Iterate over all pictures."""
    names = {f"macro_{k + 1}": dial_label(name) for k, name in enumerate(macro_names())}
    named = [("macroname", k, name) for k, name in enumerate(macro_names())]
    screens = {
        "map": [_ONLINE, *named, *map_messages(), _MACROS, ("place", 0.62, 0.44)],
        "curves": [_ONLINE, *named, ("n", 8), ("show", 1), *curve_messages(1, 8), ("macro", 1, 0.31)],
    }
    texts = names | {
        "status": _CONNECTED,
        "Preset": "Pulsing Narrow Bass",
        "Plug-in": "Vital",
        "Model": "vital-32",
    }

    def synth(state: str, page: int, **more: object) -> Scene:
        base: dict[str, object] = {
            "name": f"flow-synth-{state}",
            "device": flow_synth,
            "page": page,
            "values": {**_PLAYING, "page": float(page)},
            "texts": texts,
            "told": screens,
        }
        return Scene(**{**base, **more})  # type: ignore[arg-type]

    yield synth("presets", PRESETS, mouse={"map": [("idle", 60, 40)]})
    yield synth("dark", PRESETS, theme="dark", mouse={"map": [("idle", 60, 40)]})
    along = {"path_play": 1.0, "path_loop": 1.0, "path_shown": 37.0, "path_position": 37.0}
    yield synth("path", PATH, values={**_PLAYING, "page": PATH, **along})
    yield synth("curves", CURVES, values={**_PLAYING, "page": CURVES, "curves_of": 1.0})
    missing = "21 of 32 mapped: press Configure on Vital, then Teach Live in Flow CC"
    yield synth("setup", SETUP, texts={**texts, "status": missing}, lamp=LAMPS["degraded"])
    yield synth(
        "pad",
        PRESETS,
        values={**_PLAYING, "page": PRESETS, "map_across": 2.0, "map_up": 7.0},
        told={"map": [_ONLINE, *named, _MACROS, ("axes", 1, 6)]},
    )
    yield synth(
        "no-server",
        PRESETS,
        values={"page": PRESETS},
        texts={"status": "server not running: start it with python run_server.py", "Preset": ""},
        told={"map": [("offline",)]},
        lamp=LAMPS["broken"],
    )
    yield synth("player", PLAYER, name="flow-synth-midi-player", device=flow_synth_midi,
                values={**_PLAYING, "page": PLAYER, "player": 1.0})  # fmt: skip
    hosted = {**texts, "hosted": "32 of 32 parameters"}
    yield synth("presets", PRESETS, name="flow-instrument", device=flow_instrument, texts=hosted,
                mouse={"map": [("idle", 60, 40)]})  # fmt: skip
    yield synth(
        "setup",
        SETUP,
        name="flow-instrument-no-vital",
        device=flow_instrument,
        texts={
            **hosted,
            "hosted": "no plug-in",
            "status": "no Vital in this device: install it, or press Choose Vital",
        },
        lamp=LAMPS["degraded"],
    )
    yield from _sketch()
    yield from _others()


def _sketch() -> Iterator[Scene]:
    idle = {"status": _CONNECTED, "pitch": "-"}
    yield Scene(name="flow-sketch-idle", device=flow_sketch, texts=idle, told={"meter": [("level", 0.08)]})
    yield Scene(
        name="flow-sketch-recording",
        device=flow_sketch,
        values={"sketch": 1.0},
        texts=idle,
        told={"meter": [("mode", "recording"), ("time", 1.8), ("level", 0.31)]},
    )
    found = (
        ("Blurred Slow Bass", 81.0),
        ("nearest of the map", 74.0),
        ("refined 1", 72.0),
        ("refined 2", 66.0),
        ("network", 58.0),
    )
    yield Scene(
        name="flow-sketch-found",
        device=flow_sketch,
        values={"candidate_1": 1.0, "compare": 1.0}
        | {f"closeness_{k + 1}": close for k, (_, close) in enumerate(found)},
        texts={"status": "pick a candidate", "pitch": "A2  +12 ct"}
        | {f"candidate_{k + 1}": label for k, (label, _) in enumerate(found)},
        told={"meter": [("mode", "done"), ("time", 2.4), ("progress", 1.0)]},
    )


def _others() -> Iterator[Scene]:
    yield Scene(name="flow-cc", device=flow_cc, texts={"status": "32 controllers"})
    yield Scene(
        name="flow-cc-teaching",
        device=flow_cc,
        values={"teach_live": 1.0, "teach_progress": 62.0},
        texts={"status": "teaching: 20 of 32"},
    )
    yield Scene(name="flow-server", device=flow_server)
    line = "Flow Synth Live 0.1.0 on 127.0.0.1:9130: model vital-32"
    yield Scene(
        name="flow-server-running",
        device=flow_server,
        values={"server": 1.0},
        texts={"line": line, "hint": "running"},
    )

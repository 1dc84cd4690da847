"""The pictures in docs/images/devices: every device in its main states."""

from collections.abc import Iterator

from max4live.designs.flow_cc import flow_cc
from max4live.designs.flow_instrument import flow_instrument
from max4live.designs.flow_server import flow_server
from max4live.designs.flow_sketch import flow_sketch
from max4live.designs.flow_synth import flow_synth, flow_synth_midi
from max4live.designs.synth.layout import CHOICE, CURVES, MINE_VIEW, PAD_VIEW, PATH, PLAYER, PRESETS, SETUP
from max4live.designs.synth.macros import dial_label
from max4live.picture.scene import LAMPS, Message, Scene
from max4live.picture.sounds import (
    curve_messages,
    kind_messages,
    library_messages,
    like_messages,
    macro_names,
    map_messages,
    some_preset,
    voice_levels,
)

__all__ = ["scenes"]

_ONLINE: Message = ("online", 1, 8, 32, 32, "vital-32", "vital")
_DIALS = (72.0, 31.0, 8.0, 55.0, 64.0, 83.0, 47.0, 60.0)
_CONNECTED = "Connected to vital-32, answers in 0.4 ms"
_PLAYING = {f"macro_{k + 1}": value for k, value in enumerate(_DIALS)} | {"explore": 1.0, "freeze_3": 1.0}
_SOUND = (72.0, 31.0, 8.0, 78.0, 64.0, 40.0, 47.0, 60.0)  # where a preset has taken it
_MACROS: Message = ("macros", *(value / 100 for value in _SOUND))
_MARKS: list[Message] = [
    ("mark", k, dial / 100, sound / 100) for k, (dial, sound) in enumerate(zip(_DIALS, _SOUND, strict=True))
]


def scenes() -> Iterator[Scene]:
    """Iterate over all pictures."""
    names = {f"macro_{k + 1}": dial_label(name) for k, name in enumerate(macro_names())}
    named = [("macroname", k, name) for k, name in enumerate(macro_names())]
    preset, x, y = some_preset()
    place = ("place", x, y)
    screens = {
        "marks": _MARKS,
        "map": [_ONLINE, *named, *map_messages(), *kind_messages(), _MACROS, place],
        "curves": [_ONLINE, *named, ("n", 8), ("show", 1), *curve_messages(1, 8), ("macro", 1, 0.31)],
    }
    texts = names | {
        "status": _CONNECTED,
        "Preset": preset,
        "Plug-in": "Vital",
        "Model": "vital-32",
    }

    def synth(state: str, page: int = PRESETS, **more: object) -> Scene:
        base: dict[str, object] = {
            "name": f"flow-synth{state}",
            "device": flow_synth,
            "page": page,
            "values": {**_PLAYING, "page": float(page), "pages": 1.0},
            "texts": texts,
            "told": screens,
        }
        return Scene(**{**base, **more})  # type: ignore[arg-type]

    pointed = {"map": [("idle", 60, 50)]}
    yield synth("", folded=True, values=_PLAYING, mouse=pointed)
    yield synth("-presets")
    yield synth("-dark", theme="dark", mouse=pointed)
    shown = {"Dial": "2  Plucked", "Macro on the Dial": "Plucked", "Macro Name": "Plucked"}
    yield synth(
        "-macros",
        CHOICE,
        values={**_PLAYING, "page": CHOICE, "pages": 1.0},
        texts={**texts, **shown, "gathered": "A: 1 sound, B: 2 sounds"},
    )
    yield synth(
        "-words",
        folded=True,
        values=_PLAYING,
        texts={
            **texts,
            "Words": "darker, a bit blurpy",
            "status": "Darker (Bright 0.72 to 0.58); not understood: blurpy",
        },
        lamp=LAMPS["degraded"],
    )
    along = {"path_play": 1.0, "path_loop": 1.0, "path_shown": 37.0, "path_position": 37.0}
    yield synth("-path", PATH, values={**_PLAYING, "page": PATH, "pages": 1.0, **along})
    yield synth("-curves", CURVES, values={**_PLAYING, "page": CURVES, "pages": 1.0, "curves_of": 1.0})
    missing = "21 of 32 mapped: press Configure on Vital, then Teach Live in Flow CC"
    yield synth("-setup", SETUP, texts={**texts, "status": missing}, lamp=LAMPS["degraded"])
    zoomed = [("click", 146, 8), ("drag", 146, 8, 0)] * 2
    yield synth("-zoom", folded=True, values=_PLAYING, mouse={"map": zoomed})
    yield synth(
        "-pad",
        folded=True,
        view=PAD_VIEW,
        values={**_PLAYING, "map_view": 1.0, "map_across": 1.0, "map_up": 6.0},
        told={"marks": _MARKS, "map": [_ONLINE, *named, _MACROS, ("view", 1), ("axes", 1, 6)]},
    )
    opened: Message = ("online", 1, 8, 40, 40, "Warm-Horizon-1a2b3c", "vital")
    made: Message = ("progress", "Warm Horizon", "macros", 0.4, "")
    ready: Message = ("progress", "Warm Horizon", "ready", 1.0, "")
    for state, more in (("", [made, opened]), ("-alike", [ready, *like_messages()])):
        yield synth(
            f"-mine{state}",
            folded=True,
            view=MINE_VIEW,
            values={**_PLAYING, "map_view": 2.0},
            told={"marks": _MARKS, "library": [_ONLINE, ("view", 2), *library_messages(), *more]},
        )
    yield synth(
        "-no-server",
        folded=True,
        values=_PLAYING,
        texts={**texts, "status": "Playing without the server, which adds sketches and your own presets"},
        lamp=LAMPS["degraded"],
    )
    yield synth("", PLAYER, name="flow-synth-midi-player", device=flow_synth_midi,
                values={**_PLAYING, "page": PLAYER, "pages": 1.0, "player": 1.0})  # fmt: skip
    hosted = {**texts, "hosted": "32 of 32 parameters"}
    yield synth("", name="flow-instrument", device=flow_instrument, texts=hosted)
    yield synth(
        "",
        SETUP,
        name="flow-instrument-no-vital",
        device=flow_instrument,
        texts={
            **hosted,
            "hosted": "No plug-in",
            "status": "No Vital in this device: install it, or press Choose Vital",
        },
        lamp=LAMPS["degraded"],
    )
    yield from _sketch()
    yield from _others()


def _sketch() -> Iterator[Scene]:
    breath = [("level", level) for level in voice_levels(40)]
    sung = [("level", level) for level in voice_levels(55)]
    yield Scene(
        name="flow-sketch-idle",
        device=flow_sketch,
        folded=True,
        texts={"status": _CONNECTED},
        told={"meter": breath},
    )
    yield Scene(
        name="flow-sketch-recording",
        device=flow_sketch,
        folded=True,
        values={"sketch": 1.0},
        texts={"status": _CONNECTED},
        told={"meter": [("mode", "recording"), *sung, ("time", 1.8)]},
    )
    found = ("Blurred Slow Bass   81 %", "Nearest of the map   74 %", "Refined 1   72 %", "Network   58 %")
    yield Scene(
        name="flow-sketch-found",
        device=flow_sketch,
        values={"candidate_1": 1.0, "compare": 1.0, "pages": 1.0},
        texts={"status": _CONNECTED, "pitch": "Pitch A2 +12", "Microphone": "Scarlett input 2"}
        | {f"candidate_{k + 1}": label for k, label in enumerate(found)},
        revealed={"invitation": False, "compare": True}
        | {f"candidate_{k + 1}": True for k in range(len(found))},
        told={"meter": [("mode", "recording"), *sung, ("time", 1.8), ("mode", "done")]},
    )


def _others() -> Iterator[Scene]:
    yield Scene(name="flow-cc", device=flow_cc, values={"pages": 1.0}, texts={"status": _CONNECTED})
    yield Scene(
        name="flow-cc-teaching",
        device=flow_cc,
        folded=True,
        values={"teach_live": 1.0, "teach_progress": 62.0},
        texts={"status": "Teaching Live: Configure must be lit on the plug-in"},
        revealed={"teach_progress": True, "moved": True},
    )
    texts = {"hint": "Ready"}
    yield Scene(name="flow-server", device=flow_server, texts=texts, lamp=LAMPS["dark"])
    line = "Flow Synth Live 0.1.0: model vital-32"
    yield Scene(
        name="flow-server-running",
        device=flow_server,
        values={"server": 1.0},
        texts={"line": line, "hint": "Running"},
    )

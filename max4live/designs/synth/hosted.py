"""Vital inside the device, in Max's `vst~`: values by number, notes in, sound out, its state in the Set."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from max4live.builder.parameter import Kind, Parameter, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.plugin_state import VITAL, snapshot
from max4live.builder.rect import Rect
from max4live.designs.parts.frames import MAX_PARAMETERS
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import button, label, switch
from max4live.designs.parts.numbers import counted
from max4live.designs.synth.layout import EXPLORE, FOOT_Y, PAGE_WIDTH, PAGE_X, SETUP, setting
from max4live.designs.synth.values import add_frames

__all__ = ["RAMP_MS", "add_hosted"]

_BASE_PATCH = Path(__file__).parents[3] / "synths" / "spaces" / "vital-base.vital"
# Vital goes to a new value within 3 ms, which is heard as steps where frames are 15 to 20 ms apart.
RAMP_MS, _GRAIN_MS = 20, 10
_MIDI_EVENTS = 7  # outlet of `midiparse`: whole messages, with their channel, as `vst~` takes them
_NAMES, _VALUES = 2, 3  # outlets of `vst~` behind its two for sound


def add_hosted(patch: Patcher, link: Link, state: Box, told: Box, home: Box, *, small: bool = False) -> Box:
    """Add the plug-in inside the device, and return where notes go, as MIDI bytes.

    Nothing has to be done when the device or its track is moved: `vst~` stays what it is. With `small`, its
    state has wavetables in 16 bits.
    """
    del home
    host, lanes = patch.js("fsl_host.js", 1, 4), patch.sub(numbered())
    both = add_frames(patch, link, state, told, host, lanes)
    patch.wire(host[1], lanes[1])

    plugin = patch.obj(f"vst~ {VITAL}", **_saved_plugin(small))
    plugin.parameter = _PLUGIN
    patch.wire(host[0], plugin)
    patch.wire(lanes, plugin)
    notes, sound = patch.obj("midiparse"), patch.obj("plugout~")
    patch.wire(patch.obj("midiin"), notes)
    patch.wire(notes[_MIDI_EVENTS], plugin)
    for channel in range(2):
        patch.wire(plugin[channel], sound[channel])

    # vst~ reports every change of a parameter, ours as well; the script hears it only while it asks.
    asking = patch.obj("gate 1")
    patch.wire(plugin[_NAMES], patch.obj("prepend vstname"), host)
    patch.wire(plugin[_VALUES], asking[1])
    patch.wire(asking, patch.obj("prepend vstvalue"), host)

    news = patch.obj("route asking bound shown")
    patch.wire(host[2], news, asking[0])
    again, order = patch.obj("zl.reg"), patch.obj("t b i b")
    patch.wire(both[1], again[1])
    patch.wire(news[1], order)
    patch.wire(order[2], lanes[2])
    # The plug-in gets the last frame if there was one, and else what the Set was saved with.
    patch.wire(order[1], patch.obj("prepend bound"), state)
    patch.wire(order[0], again[0])
    patch.wire(again, lanes[0])
    _add_controls(patch, host, news)
    return notes


def numbered(n: int = MAX_PARAMETERS) -> Patcher:
    """Return n lanes, each with a ramp to a parameter of a plug-in that is known by its number.

    Inlets: values `v v ...` in 0 to 1; `K N`, lane K drives parameter N, or none if that is 0; a bang when
    lanes have changed. Outlet: `N value`, only when it changes.
    """
    patch = Patcher("numbered")
    values, numbers = patch.inlet("values, each 0 to 1"), patch.inlet("K N")
    changed, out = patch.inlet("bang"), patch.outlet("N value")
    each, lane = patch.obj("unpack" + " 0." * n), patch.obj(f"route {counted(n)}")
    patch.wire(values, each)
    patch.wire(numbers, lane)
    # Another parameter has not been sent its value yet.
    forget = patch.message("set -1")
    patch.wire(changed, forget)
    turned, found = patch.message("$2 $1"), patch.obj("route 0")
    patch.wire(turned, found)
    patch.wire(found[1], out)
    for k in range(n):
        new, pair = patch.obj("change -1."), patch.obj("pack 0. 0")
        patch.wire(forget, new)
        ramp = patch.obj(f"line 0. {_GRAIN_MS}")
        patch.wire(each[k], new, patch.message(f"$1 {RAMP_MS}"), ramp, pair, turned)
        patch.wire(lane[k], pair[1])
    return patch


def _add_controls(patch: Patcher, host: Box, news: Box) -> None:
    choose, base = Rect(PAGE_X, FOOT_Y, PAGE_WIDTH, 16).columns(2)
    for at, text, word, info in (
        (
            choose,
            "Choose Vital",
            "choose",
            "Loads Vital into this device: the VST3 plug-in, or a file that you choose if it is not found.",
        ),
        (EXPLORE, "Open Vital", "open", "Opens Vital's window."),
        (
            base,
            "Base Patch",
            "base",
            "Puts back the patch that the model plays: vital-base.vital, with its modulations connected.",
        ),
    ):
        patch.wire(button(patch, at, text, info, text), patch.obj("t b"), patch.message(word), host)
    words, control = setting(0)
    shown = label(patch, words, "No plug-in", name="hosted", page=SETUP)
    patch.wire(news[2], patch.obj("prepend set"), shown)
    expressive = switch(
        patch,
        control,
        "MPE",
        "Bends, slides and presses each note for itself, with an MPE keyboard or MPE notes in a clip.",
        ("MPE Off", "MPE On"),
        page=SETUP,
    )
    patch.wire(expressive, patch.obj("prepend mpe"), host)


@cache
def _saved_plugin(small: bool) -> dict[str, Any]:
    """Return the keys with which Max saves a `vst~`: the plug-in, and its state in the Set."""
    preset = json.loads(_BASE_PATCH.read_text(encoding="utf-8"))
    return {
        "autosave": 1,
        "bgmode": 0,
        "border": 0,
        "clickthrough": 0,
        "offset": [0.0, 0.0],
        "save": ["#N", "vst~", "loaduniqueid", 0, VITAL, ";"],
        "saved_object_attributes": {"parameter_enable": 1, "parameter_mappable": 0},
        "snapshot": snapshot(preset, small=small),
        "varname": "plugin",
        "viewvisibility": 0,
    }


_PLUGIN = Parameter(
    name="Flow Plugin",
    info="Vital's own state, stored in the Set.",
    kind=Kind.BLOB,
    visibility=Visibility.STORED,
)

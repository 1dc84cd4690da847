"""Flow Synth: macros, map, presets, paths and curves for the synthesizer on the same track.

One design makes two devices: an audio effect, which goes behind the synth, and a MIDI effect, which goes
before it and can also play notes.
"""

from collections.abc import Callable

from max4live.builder.device import Bank, Device
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.decoder import add_decoder
from max4live.designs.parts.fold import add_fold
from max4live.designs.parts.instrument import add_home, add_instrument
from max4live.designs.parts.link import Link, add_link
from max4live.designs.parts.looks import line
from max4live.designs.parts.pages import add_pages
from max4live.designs.parts.player import add_player
from max4live.designs.parts.presses import add_presses
from max4live.designs.synth.choice import add_choice
from max4live.designs.synth.layout import (
    FOLD,
    FOLDED_WIDTH,
    FOOT_Y,
    MACROS,
    MAP_LINE,
    N_MACROS,
    PAGE_LINE,
    PAGE_WIDTH,
    PAGE_X,
    PLAYER,
    SETUP,
    TABS,
    WIDTH,
)
from max4live.designs.synth.library import HEARD, add_library
from max4live.designs.synth.macros import add_macros
from max4live.designs.synth.path import add_path
from max4live.designs.synth.pictures import add_curves, add_map, add_map_tabs
from max4live.designs.synth.presets import add_presets
from max4live.designs.synth.setup import add_setup, port_setting
from max4live.designs.synth.values import add_values
from max4live.designs.synth.words import add_words

__all__ = ["flow_synth", "flow_synth_midi", "synth_device"]

_HEARD = (
    "macros",
    "frozen",
    "latent",
    "place",
    "macroname",
    "macro/known",
    "own",
    "said",
    "name",
    "preset",
    "kind",
    "model",
    "curve",
    "pitch",
    "instrument",
)


def flow_synth() -> Device:
    """Return the audio effect, which goes behind the synth."""
    return synth_device("Flow Synth", "audio", add_values)


def flow_synth_midi() -> Device:
    """Return the MIDI effect, which goes before the synth and can also play notes."""
    return synth_device("Flow Synth MIDI", "midi", add_values)


AddTarget = Callable[[Patcher, Link, Box, Box, Box], Box | None]


def synth_device(
    name: str, kind: str, add_target: AddTarget, *, decodes: bool = True, lists_own: bool = True
) -> Device:
    """Return a device with macros, map, presets, paths and curves.

    Args:
        name: As in Live's browser.
        kind: `audio`, `midi` or `instrument`.
        add_target: Adds the way of the values to the synth. It returns the box that takes notes as MIDI bytes
            if it has one.
        decodes: Whether it has a decoder of its own, for want of a server.
        lists_own: Whether it lists people's own presets.
    """
    patch = Patcher(name)
    link = add_link(
        patch,
        "synth",
        _HEARD + (HEARD if lists_own else ()),
        lamp_at=Rect(8, FOOT_Y + 3, 10, 10),
        status_at=Rect(22, FOOT_Y - 1, FOLDED_WIDTH - 30, 18),
        port_at=port_setting(),
        page=SETUP,
    )
    decoder = None
    if decodes:
        link, decoder = add_decoder(patch, link)
    state = patch.js("fsl_state.js", 1, 5)
    # Closed until the stored point has been sent: dials of a Set that is loading must not move the sound.
    speak = patch.obj("gate 1")
    told = patch.obj("route gate ask kind known restored identity wants sound bound dials")
    patch.wire(state[3], told, speak[0])
    patch.wire(speak, link.server)
    home = add_home(patch)
    instrument = add_instrument(patch, link, "synth")
    patch.wire(home, instrument)
    patch.wire(instrument[3], state)
    patch.wire(link.heard["macro/known"], state)
    patch.wire(told[5], patch.obj("prepend identity"), link.script)
    patch.wire(told[6], patch.obj("prepend wants"), instrument)
    if decoder:
        for k, word in ((7, "sound"), (8, "bound"), (9, "dials")):
            patch.wire(told[k], patch.obj(f"prepend {word}"), decoder)
    acted = patch.message("acted")
    patch.wire(acted, state)
    add_macros(patch, link, speak, state=state, home=home)
    notes = add_target(patch, link, state, told, home) or _pass_through(patch, kind)
    picture, loaded = add_map(patch, link, acted)
    presses = add_presses(patch, link, told[4])
    add_presets(patch, link, speak, acted, loaded, picture, presses)
    add_map_tabs(patch, picture, add_library(patch, link, presses) if lists_own else None)
    add_words(patch, link, acted)
    add_choice(patch, link)
    add_path(patch, link, speak)
    add_curves(patch, link)
    add_setup(patch, link, instrument, decoder)
    names = ["Presets", "Macros", "Path", "Curves", "Setup"]
    if notes:
        add_player(patch, notes, link.raw["pitch"], Rect(PAGE_X, 28, PAGE_WIDTH, 112), PLAYER)
        names.append("Player")
    add_pages(patch, TABS, names)
    add_fold(patch, link, FOLD, FOLDED_WIDTH, WIDTH)
    for at in (MAP_LINE, PAGE_LINE):
        line(patch, at)
    banks = (
        Bank("Macros", MACROS),
        Bank("Path", ("Path Position", "Vary Amount", "Path Beats", "Path Play", "-", "-", "-", "-")),
        Bank("Hold", tuple(f"Freeze {k + 1}" for k in range(N_MACROS))),
    )
    return Device(
        name=name,
        kind=kind,
        width=WIDTH,
        folded_width=FOLDED_WIDTH,
        patcher=patch,
        banks=banks,
        digest="Macros, map, presets, paths and curves for the synthesizer on this track",
    )


def _pass_through(patch: Patcher, kind: str) -> Box | None:
    """Wire sound or MIDI straight through, and return where notes can join them."""
    if kind == "midi":
        notes = patch.obj("midiout")
        patch.wire(patch.obj("midiin"), notes)
        return notes
    source, sink = patch.obj("plugin~"), patch.obj("plugout~")
    for channel in range(2):
        patch.wire(source[channel], sink[channel])
    return None

"""The preset map, and the curves of a macro."""

from max4live.builder.objects import Ports
from max4live.builder.parameter import Kind, Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.colours import add_colours
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import (
    choice,
    number,
)
from max4live.designs.parts.numbers import counted
from max4live.designs.synth.layout import (
    AXES,
    CURVES,
    MAP,
    N_MACROS,
    PAGE_WIDTH,
    PAGE_X,
)

__all__ = ["add_map_and_curves"]


def add_map_and_curves(patch: Patcher, link: Link, dials: list[Box], acted: Box) -> Port:
    """Add the map, the menus for its axes, and the curves of a macro.

    Returns:
        Where the map sends the name of a preset that it has loaded.
    """
    picture = patch.ui(
        "jsui",
        MAP,
        info=(
            "Map",
            "Presets, similar ones close together. Click one to load it, drag to morph between them, point "
            "at one to see its name. With macros as axes it is an XY pad.",
        ),
        ports=Ports(1, ("", "", "")),
        varname="map",
        filename="fsl_map.js",
        parameter_enable=0,
    )
    link.tell(patch, [picture])
    for word in ("preset", "place", "macros", "macroname"):
        patch.wire(link.heard[word], picture)
    turned = patch.obj("r ---flow_macro")
    patch.wire(turned, picture)
    patch.wire(picture[0], link.server)
    patch.wire(picture[0], acted)
    patch.wire(picture[2], link.status)
    # Only when the mouse button is released: one undo entry for a gesture.
    gesture, to_dial = patch.obj("route macro loaded"), patch.obj("route " + counted(N_MACROS))
    patch.wire(picture[1], gesture, to_dial)
    for k, box in enumerate(dials):
        patch.wire(to_dial[k], patch.obj("* 100."), box)

    across, up = Rect(MAP.x, MAP.bottom + 4, MAP.width, 16).columns(2)
    axes = patch.obj("pack 0 0")
    for k, (rect, name) in enumerate(((across, "Map Across"), (up, "Map Up"))):
        info = "What the map shows in this direction: the places of the presets, or one macro."
        parameter = Parameter(
            name=name, info=info, kind=Kind.ENUM, choices=AXES, visibility=Visibility.STORED
        )
        axis = patch.ui("live.menu", rect, parameter)
        minus = patch.obj("- 1")  # the script counts macros from 0; the map is -1
        patch.wire(axis, minus)
        if k:
            # The right inlet of pack waits, so the second menu also sends the first.
            both = patch.obj("t b i")
            patch.wire(minus, both)
            patch.wire(both[1], axes[1])
            patch.wire(both[0], axes[0])
        else:
            patch.wire(minus, axes[0])
    patch.wire(axes, patch.obj("prepend axes"), picture)

    curves = patch.ui(
        "jsui",
        Rect(PAGE_X, 28, PAGE_WIDTH, 92),
        info=(
            "Curves",
            "What a macro does to the current sound: the parameters it moves most, or what you hear.",
        ),
        page=CURVES,
        varname="curves",
        filename="fsl_curves.js",
        parameter_enable=0,
    )
    link.tell(patch, [curves])
    for word in ("curve", "macroname", "macros", "latent"):
        patch.wire(link.heard[word], curves)
    patch.wire(turned, curves)
    patch.wire(curves, link.server)
    left, middle, right = Rect(PAGE_X, 124, PAGE_WIDTH, 16).columns(3)
    shown = Parameter(
        name="Curves Of",
        info="The macro whose curves are shown.",
        kind=Kind.ENUM,
        choices=AXES[1:],
        visibility=Visibility.STORED,
    )
    patch.wire(patch.ui("live.menu", left, shown, page=CURVES), patch.obj("prepend show"), curves)
    which = Parameter(
        name="Curves Show",
        info="Curves of the synth's parameters, or of what you hear.",
        kind=Kind.ENUM,
        choices=("Knobs", "Sound"),
        visibility=Visibility.STORED,
    )
    patch.wire(choice(patch, middle, which, CURVES), patch.obj("prepend which"), curves)
    many = Parameter(
        name="Curves Count",
        info="How many parameters are shown, starting with those that move most.",
        kind=Kind.INT,
        low=1.0,
        high=16.0,
        initial=8.0,
        unit=Unit.CUSTOM,
        unit_text="%d curves",
        visibility=Visibility.STORED,
    )
    patch.wire(number(patch, right, many, CURVES), patch.obj("prepend n"), curves)
    add_colours(patch, link, (picture, curves))
    return gesture[1]

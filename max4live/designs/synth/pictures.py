"""The preset map, the pad of two macros, and the curves of a macro."""

from max4live.builder.objects import Ports
from max4live.builder.parameter import Kind, Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.colours import add_colours
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import choice, number
from max4live.designs.parts.pages import add_pages
from max4live.designs.synth.layout import (
    CURVES,
    MACROS,
    MAP,
    MAP_ROW,
    MAP_TABS,
    MAP_VIEW,
    MINE_VIEW,
    PAD_VIEW,
    PAGE_WIDTH,
    PAGE_X,
)

__all__ = ["add_curves", "add_map", "add_map_tabs"]


def add_map(patch: Patcher, link: Link, acted: Box) -> tuple[Box, Port]:
    """Add the map, and the menus for the axes of the pad.

    Returns:
        The map, and where it sends the name of the preset that plays.
    """
    picture = patch.ui(
        "jsui",
        MAP,
        info=(
            "Map",
            "Presets, similar ones close together, in the colours of their kinds. Click one to load it, "
            "again for one beneath it; drag to morph; + and - zoom, and Shift moves what is shown. "
            "As a pad, it turns two macros.",
        ),
        ports=Ports(1, ("", "", "")),
        varname="map",
        filename="fsl_map.js",
        parameter_enable=0,
    )
    link.tell(patch, [picture])
    for word in ("preset", "kind", "place", "macros", "macroname"):
        patch.wire(link.heard[word], picture)
    patch.wire(patch.obj("r ---flow_macro"), picture)
    patch.wire(picture[0], link.server)
    patch.wire(picture[0], acted)
    patch.wire(picture[2], link.status)
    add_colours(patch, link, [picture])
    loaded = patch.obj("route loaded")
    patch.wire(picture[1], loaded)
    _axes(patch, picture)
    return picture, loaded[0]


def _axes(patch: Patcher, picture: Box) -> None:
    """Add the menus for the two macros of the pad."""
    across, up = MAP_ROW.columns(2)
    axes = patch.obj("pack 0 1")
    for k, (rect, name, way) in enumerate(((across, "Map Across", "across"), (up, "Map Up", "up"))):
        parameter = Parameter(
            name=name,
            title=f"Pad {way.title()}",
            info=f"The macro that the pad turns {way}.",
            kind=Kind.ENUM,
            choices=MACROS,
            initial=float(k),
            visibility=Visibility.STORED,
        )
        axis = patch.ui("live.menu", rect, parameter, page=PAD_VIEW)
        if k:
            # The right inlet of pack waits, so the second menu also sends the first.
            both = patch.obj("t b i")
            patch.wire(axis, both)
            patch.wire(both[1], axes[1])
            patch.wire(both[0], axes[0])
        else:
            patch.wire(axis, axes[0])
    patch.wire(axes, patch.obj("prepend axes"), picture)


def add_map_tabs(patch: Patcher, picture: Box, library: Box | None) -> None:
    """Add the tabs that choose between map, pad and list, after the boxes that are under each.

    Args:
        patch: The device's patcher.
        picture: The map, which is the pad as well.
        library: The list of people's own presets, if the device has it.
    """
    names, info = ["Map", "Pad"], "The map of presets, or a pad that turns two macros."
    if library:
        picture.not_on = MINE_VIEW
        names.append("Mine")
        info = "The map of presets, a pad that turns two macros, or presets of your own."
    tabs = add_pages(patch, MAP_TABS, names, first=MAP_VIEW, name="Map View", info=info)
    view = patch.obj("prepend view")
    patch.wire(tabs, view, picture)
    if library:
        patch.wire(view, library)


def add_curves(patch: Patcher, link: Link) -> None:
    """Add the page with the curves of a macro."""
    curves = patch.ui(
        "jsui",
        Rect(PAGE_X, 25, PAGE_WIDTH, 97),
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
    patch.wire(patch.obj("r ---flow_macro"), curves)
    patch.wire(curves, link.server)
    add_colours(patch, link, [curves])
    left, middle, right = Rect(PAGE_X, 126, PAGE_WIDTH, 16).columns(3)
    shown = Parameter(
        name="Curves Of",
        info="The macro whose curves are shown.",
        kind=Kind.ENUM,
        choices=MACROS,
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

"""The page for paths through the sounds."""

from max4live.builder.parameter import Kind, Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher
from max4live.builder.rect import Rect
from max4live.designs.parts.addresses import to_server
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import button, choice, dial, label, number, percent, switch
from max4live.designs.synth.layout import PAGE_X, PATH, row

__all__ = ["add_path"]


def add_path(patch: Patcher, link: Link, speak: Box) -> None:
    """Add the path: its points, playback in Live's beats, and a dial for the position along it."""
    script = patch.js("fsl_path.js", 1, 3)
    link.tell(patch, [script])
    patch.wire(link.start, script)
    patch.wire(script[0], link.server)
    patch.wire(script[2], link.status)
    for k, (text, info) in enumerate(
        (
            ("Add Point", "Adds the current sound to the path."),
            ("Clear Path", "Removes all points from the path."),
        )
    ):
        pressed = button(patch, row(0, k, 2), text, info, text, PATH)
        patch.wire(pressed, patch.obj("t b"), patch.message(text.split()[0].lower()), script)
    play = switch(
        patch,
        row(1, 0, 2),
        "Path Play",
        "Travels along the path with Live's transport.",
        ("Play", "Playing"),
        visibility=Visibility.AUTOMATED,
        page=PATH,
    )
    loop = switch(
        patch,
        row(1, 1, 2),
        "Path Loop",
        "Starts over at the end of the path.",
        ("Once", "Loop"),
        page=PATH,
    )
    patch.wire(play, patch.obj("prepend play"), script)
    patch.wire(loop, patch.obj("prepend loop"), script)
    space = Parameter(
        name="Path Space",
        info="Whether the path is straight in sound or in the synth's parameters.",
        kind=Kind.ENUM,
        choices=("Sound", "Knobs"),
        visibility=Visibility.STORED,
    )
    label(patch, Rect(PAGE_X - 3, 65, 100, 18), "Straight in", page=PATH)
    patch.wire(choice(patch, row(2, 1, 2), space, PATH), patch.obj("prepend space"), script)

    beats = Parameter(
        name="Path Beats",
        short="Beats",
        info="How long the whole path takes, in beats.",
        low=0.25,
        high=256.0,
        initial=16.0,
        unit=Unit.CUSTOM,
        unit_text="%.1f beats",
    )
    patch.wire(dial(patch, Rect(PAGE_X, 90, 60, 48), beats, PATH), patch.obj("prepend beats"), script)
    along = dial(
        patch,
        Rect(PAGE_X + 66, 90, 60, 48),
        percent("Path Position", "Position", "Position along the path; automate it to travel by hand."),
        PATH,
    )
    patch.wire(along, patch.obj("* 0.01"), patch.obj(f"prepend {to_server('path/play')}"), speak[1])
    shown = Parameter(
        name="Path Shown",
        short="Shown",
        info="How much of the path has been played.",
        high=100.0,
        unit=Unit.PERCENT,
        visibility=Visibility.HIDDEN,
    )
    bar = number(patch, Rect(PAGE_X + 140, 106, 86, 16), shown, PATH, shown_only=True)
    label(patch, Rect(PAGE_X + 137, 89, 89, 18), "Played so far", page=PATH)
    news = patch.obj("route play position")
    patch.wire(script[1], news)
    patch.wire(news[0], patch.obj("prepend set"), play)
    patch.wire(news[1], patch.obj("* 100."), patch.obj("prepend set"), bar)

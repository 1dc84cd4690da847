"""The line for words above the dials: what the sound should be, answered in the status line."""

from max4live.builder.patcher import Box, Patcher
from max4live.designs.parts.link import Link
from max4live.designs.parts.looks import text_field
from max4live.designs.synth.layout import WORDS

__all__ = ["add_words"]


def add_words(patch: Patcher, link: Link, acted: Box) -> None:
    """Add the line; `acted` hears of what moves the sound here."""
    script = patch.js("fsl_words.js", 1, 2)
    link.tell(patch, [script])
    patch.wire(link.heard["said"], script)
    patch.wire(script[0], link.server)
    patch.wire(script[0], acted)
    patch.wire(script[1], link.status)
    typed = text_field(
        patch,
        WORDS,
        "Words",
        "Type what the sound should be, such as 'a hollow pluck', and press Return. The line at the bottom "
        "says what was done, and what was not understood.",
        "Darker, a little slower",
    )
    patch.wire(typed, patch.obj("route text"), patch.obj("prepend say"), script)

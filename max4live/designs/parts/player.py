"""The auto-player: notes in a steady rhythm, which leaves both hands free for the sound."""

from max4live.builder.parameter import Parameter, Unit, Visibility
from max4live.builder.patcher import Box, Patcher, Port
from max4live.builder.rect import Rect
from max4live.designs.parts.looks import dial, label, switch

__all__ = ["add_player"]

_NOTE_ON = 144  # channel 1
_VELOCITY = 100


def add_player(patch: Patcher, midiout: Box, pitch: Port, at: Rect, page: int) -> None:
    """Add the player to a MIDI effect.

    Args:
        patch: The device's patcher.
        midiout: Where the notes go.
        pitch: Sends `note cents` of the last sketch.
        at: Where it is on the strip, at least 112 pixels high.
        page: The page that it is on.
    """
    width = 60
    note = Parameter(
        name="Player Note",
        short="Note",
        info="The note that is played.",
        low=0.0,
        high=127.0,
        initial=60.0,
        unit=Unit.MIDI_NOTE,
        visibility=Visibility.STORED,
    )
    every = Parameter(
        name="Player Rate",
        short="Every",
        info="Time from one note to the next.",
        low=250.0,
        high=8000.0,
        initial=2000.0,
        unit=Unit.TIME_MS,
        visibility=Visibility.STORED,
    )
    held = Parameter(
        name="Player Length",
        short="Length",
        info="How long each note is held.",
        low=50.0,
        high=8000.0,
        initial=1500.0,
        unit=Unit.TIME_MS,
        visibility=Visibility.STORED,
    )
    top = Rect(at.x, at.y, at.width, 16)
    play_at, pitch_at = top.columns(2)
    play = switch(
        patch,
        play_at,
        "Player",
        "Repeats a note, so that you hear what the macros do.",
        ("Play Notes", "Playing Notes"),
        visibility=Visibility.HIDDEN,
        page=page,
    )
    follow = switch(
        patch,
        pitch_at,
        "Player Pitch",
        "Plays the note that was sung in the last sketch.",
        ("Note Below", "Sung Pitch"),
        page=page,
    )
    dials = [
        dial(patch, Rect(at.x + k * (width + 8), at.y + 24, width, 48), parameter, page)
        for k, parameter in enumerate((note, every, held))
    ]
    label(
        patch, Rect(at.x - 3, at.y + 80, at.width, 18), "Notes go to the synth behind this device.", page=page
    )

    beat = patch.obj("metro 2000")
    order = patch.obj("t i b")  # a first note at once
    patch.wire(play, order)
    patch.wire(order[0], beat)
    sung = patch.obj("gate 1")
    number = patch.obj("i 60")
    voice = patch.obj(f"makenote {_VELOCITY} 1500")
    patch.wire(follow, sung[0])
    patch.wire(pitch, patch.obj("unpack 60 0."), sung[1])
    patch.wire(sung, number[1])
    patch.wire(dials[0], number[1])
    patch.wire(dials[1], beat[1])
    patch.wire(dials[2], voice[2])
    patch.wire(beat, number, voice)
    pair = patch.obj("pack 60 0")
    # makenote sends the velocity first, from its right outlet.
    patch.wire(voice[1], pair[1])
    patch.wire(voice[0], pair[0])
    patch.wire(pair, patch.message(f"{_NOTE_ON} $1 $2"), patch.obj("iter"), midiout)

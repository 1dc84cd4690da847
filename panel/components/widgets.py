"""The panel's own widgets, each drawn by a small script beside it; everything else is NiceGUI's."""

from collections.abc import Callable
from typing import Protocol

from nicegui.element import Element

__all__ = [
    "BindingList",
    "FeedReceiver",
    "Knobs",
    "ParameterBars",
    "Piano",
    "PresetBar",
    "PresetList",
    "PresetMap",
    "SoundControls",
    "SoundInput",
    "SoundPicture",
]

_SOUND_FILES = "audio/*,video/mp4,video/webm,.wav,.flac,.aiff,.aif,.mp3,.ogg,.opus,.caf,.m4a,.aac"


class FeedReceiver(Element, component="feed.js"):
    """Receives what the page draws, through a socket of its own; see `panel.feed.feed_socket`.

    Args:
        viewed: Called with the name of the view that is shown.
    """

    def __init__(self, viewed: Callable[[str], None]) -> None:
        super().__init__()
        self.on("view", lambda e: viewed(str(e.args)))


class Knobs(Element, component="knobs.js"):
    """A bank of macro knobs.

    Args:
        turn: Called with macro and position.
        freeze: Called with macro and whether to freeze it.
        learn: Called with the macro that is to wait for a control.
    """

    def __init__(
        self,
        turn: Callable[[int, float], None],
        freeze: Callable[[int, bool], None],
        learn: Callable[[int], None],
    ) -> None:
        super().__init__()
        self.on("learn", lambda e: learn(int(e.args)))
        self.on("turn", lambda e: turn(int(e.args["k"]), float(e.args["value"])))
        self.on("freeze", lambda e: freeze(int(e.args["k"]), bool(e.args["on"])))


class PresetMap(Element, component="map.js"):
    """The preset map.

    Args:
        place: Called with a place to go to.
        preset: Called with the name of a preset to go to.
        adopt: Called with the name of one of people's own to play.
        draw: Called with a step of drawing a path, `begin` or `add`, and the place of a point to add.
        pencil: Called with whether the next drag draws.
    """

    def __init__(
        self,
        place: Callable[[float, float], None],
        preset: Callable[[str], None],
        adopt: Callable[[str], None],
        draw: Callable[[str, float, float], None],
        pencil: Callable[[bool], None],
    ) -> None:
        super().__init__()
        self._props |= {"listen": False}
        self.on("pencil", lambda e: pencil(bool(e.args)))
        self.on("place", lambda e: place(float(e.args["x"]), float(e.args["y"])))
        self.on("preset", lambda e: preset(str(e.args)))
        self.on("adopt", lambda e: adopt(str(e.args)))
        self.on(
            "draw",
            lambda e: draw(str(e.args["step"]), float(e.args.get("x", 0)), float(e.args.get("y", 0))),
        )

    def set(self, name: str, value: object) -> None:
        """Set `listen`: whether a preset sounds when the pointer is on it."""
        self._props[name] = value
        self.update()


class PresetActions(Protocol):
    """What is done with presets; `panel.state.preset_actions` says what each of them does."""

    def load(self, name: str) -> None: ...
    def save(self, name: str) -> None: ...
    def rename(self, name: str, new: str) -> None: ...
    def delete(self, name: str) -> None: ...
    def restore(self, name: str) -> None: ...
    def like(self, name: str, on: bool) -> None: ...


class LibraryActions(Protocol):
    """What is done with people's own presets; see `panel.state.library`."""

    def adopt(self, name: str) -> None: ...
    def ask_like(self, name: str) -> None: ...


class PresetList(Element, component="preset_list.js"):
    """The presets by name, searched and by kind.

    Args:
        actions: Carries out what is chosen.
        library: Carries out what is chosen of people's own.
    """

    def __init__(self, actions: PresetActions, library: LibraryActions) -> None:
        super().__init__()
        self.on("load", lambda e: actions.load(str(e.args)))
        self.on("adopt", lambda e: library.adopt(str(e.args)))
        self.on("alike", lambda e: library.ask_like(str(e.args)))
        self.on("like", lambda e: actions.like(str(e.args["name"]), bool(e.args["on"])))


class PresetBar(Element, component="preset_bar.js"):
    """The preset that plays, and what can be done with it.

    Args:
        actions: Carries out what is chosen.
    """

    def __init__(self, actions: PresetActions) -> None:
        super().__init__()
        self._props["file"] = {}
        self.on("load", lambda e: actions.load(str(e.args)))
        self.on("like", lambda e: actions.like(str(e.args["name"]), bool(e.args["on"])))
        self.on("save", lambda e: actions.save(str(e.args)))
        self.on("rename", lambda e: actions.rename(str(e.args["name"]), str(e.args["new"])))
        self.on("delete", lambda e: actions.delete(str(e.args)))
        self.on("restore", lambda e: actions.restore(str(e.args)))

    def set_file(self, suffix: str) -> None:
        """Set how the synth's own preset files end; empty where none can be made."""
        self._props["file"] = {"suffix": suffix}
        self.update()


class Piano(Element, component="piano.js"):
    """A keyboard to hear the current sound with."""


class SoundControls(Element, component="sound_controls.js"):
    """Sound on or off, how loud, and everything silent at once."""


class SoundInput(Element, component="sound_input.js"):
    """Sketches a file that is chosen or dropped, or what the browser's microphone hears."""

    def __init__(self) -> None:
        super().__init__()
        self._props["kinds"] = _SOUND_FILES


class ParameterBars(Element, component="bars.js"):
    """A bar for every parameter, as it moves."""


class BindingList(Element, component="bindings.js"):
    """The controls that move each macro, and where they stand beside it.

    Args:
        learn: Called with the macro that is to wait for a control.
        unlearn: Called with the macro that is to follow none.
    """

    def __init__(self, learn: Callable[[int], None], unlearn: Callable[[int], None]) -> None:
        super().__init__()
        self.on("learn", lambda e: learn(int(e.args)))
        self.on("unlearn", lambda e: unlearn(int(e.args)))


class SoundPicture(Element, component="sound_picture.js"):
    """A picture of a sound.

    Args:
        name: Its caption.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._props["name"] = name

    def show(self, url: str) -> None:
        """Fetch a picture from an address of the panel, and draw it."""
        self.run_method("show", url)

"""The panel's own parts, drawn by small scripts beside them; everything else is NiceGUI's."""

from collections.abc import Callable

from nicegui.element import Element

__all__ = ["ParameterBars", "BindingList", "FeedReceiver", "Knobs", "Piano", "SoundPicture", "PresetMap"]


class FeedReceiver(Element, component="feed.js"):
    """Takes what the state sends into the page, through a socket of its own; see `panel.feed.feed_socket`.

    Args:
        viewed: Called with the name of the view that is shown.
    """

    def __init__(self, viewed: Callable[[str], None]) -> None:
        super().__init__()
        self.on("view", lambda e: viewed(str(e.args)))


class Knobs(Element, component="knobs.js"):
    """A bank of macro knobs.

    Args:
        turn: Called with macro and value.
        freeze: Called with macro and whether it is to be frozen.
    """

    def __init__(self, turn: Callable[[int, float], None], freeze: Callable[[int, bool], None]) -> None:
        super().__init__()
        self.on("turn", lambda e: turn(int(e.args["k"]), float(e.args["value"])))
        self.on("freeze", lambda e: freeze(int(e.args["k"]), bool(e.args["on"])))


class PresetMap(Element, component="map.js"):
    """The map of presets.

    Args:
        place: Called with a place to go to.
        preset: Called with the name of a preset to go to.
        draw: Called with a step of drawing a path: `begin`, or `add` and its place.
        pencil: Called with whether the next drag draws.
    """

    def __init__(
        self,
        place: Callable[[float, float], None],
        preset: Callable[[str], None],
        draw: Callable[[str, float, float], None],
        pencil: Callable[[bool], None],
    ) -> None:
        super().__init__()
        self._props |= {"listen": False, "wanted": ""}
        self.on("pencil", lambda e: pencil(bool(e.args)))
        self.on("place", lambda e: place(float(e.args["x"]), float(e.args["y"])))
        self.on("preset", lambda e: preset(str(e.args)))
        self.on(
            "draw",
            lambda e: draw(str(e.args["step"]), float(e.args.get("x", 0)), float(e.args.get("y", 0))),
        )

    def put(self, name: str, value: object) -> None:
        """Change `listen`, or `wanted`, the text that names are to hold."""
        self._props[name] = value
        self.update()


class Piano(Element, component="piano.js"):
    """Keys to hear the present sound with."""


class ParameterBars(Element, component="bars.js"):
    """Every parameter as it moves."""


class BindingList(Element, component="bindings.js"):
    """Which control moves each macro, and where it stands.

    Args:
        learn: Called with the macro that shall wait for a control.
        unlearn: Called with the macro that shall follow none.
    """

    def __init__(self, learn: Callable[[int], None], unlearn: Callable[[int], None]) -> None:
        super().__init__()
        self.on("learn", lambda e: learn(int(e.args)))
        self.on("unlearn", lambda e: unlearn(int(e.args)))


class SoundPicture(Element, component="sound_picture.js"):
    """A sound as a picture.

    Args:
        name: What it is called.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._props["name"] = name

    def show(self, url: str) -> None:
        """Fetch a picture and draw it."""
        self.run_method("show", url)

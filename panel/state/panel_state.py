"""What all pages share, put together: the server's state, what players did here, and the pace of updates."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from core.store.data_folder import data_folder
from panel.feed.update_scheduler import UpdateScheduler
from panel.osc.link import Link
from panel.osc.messages import Notice
from panel.osc.mirror import Mirror, Topic
from panel.state.control_learning import ControlLearning
from panel.state.current_model import CurrentModel
from panel.state.favourites import Favourites
from panel.state.library import Library
from panel.state.loaded_preset import LoadedPreset
from panel.state.path_player import PathPlayer
from panel.state.points import Points
from panel.state.preset_actions import PresetActions
from panel.state.sketch import Sketch
from panel.state.snapshots import Snapshots
from panel.state.sound_stream import SoundStream
from panel.state.sounds import Sounds
from panel.state.tasks import BackgroundTasks
from panel.state.topics import topic_readers

__all__ = ["PanelSettings", "PanelState"]

_LISTED_S = 0.2  # without another preset: the list is complete
_NOTICE_S = 12.0  # how long the foot of the page shows a notice; the list in Connect keeps it


@dataclass(frozen=True, kw_only=True)
class PanelSettings:
    """How the panel is started.

    Attributes:
        server: Host and UDP port of the server.
        data: Folder for token and snapshots; None for the system's own place.
        model: Folder of a model that was named by path.
    """

    server: tuple[str, int] = ("127.0.0.1", 9130)
    data: Path | None = None
    model: Path | None = None

    @property
    def folder(self) -> Path:
        """Where the panel keeps things."""
        return (self.data or data_folder()).expanduser().absolute()


class PanelState:
    """One for the whole panel. Everything runs on the event loop; what takes long goes to a thread.

    Attributes:
        mirror: The server's state.
        link: The connection to the server.
        model: The model that plays.
        points: Undo, redo and snapshots.
        path: Plays the path.
        loaded: The preset that plays.
        presets: What pages do with presets.
        library: People's own presets.
        learning: Which macro waits for a control.
        sounds: Sounds to compare in the browser.
        stream: The instrument as browsers play and hear it.
        sketch: The sketch's sound, and which answer was picked.
        scheduler: Updates pages.
        n_pages: Browsers that show a page.
        phone_address: Of the page, with its token, for other machines; empty where they are not let in.
        curves_of: Macro whose curves were asked for last.

    Args:
        settings: From the command line.
    """

    def __init__(self, settings: PanelSettings) -> None:
        self.settings = settings
        self.mirror = Mirror()
        self.link = Link(settings.server, self.mirror, self._on_change)
        self.model = CurrentModel(self.mirror, settings.model, settings.folder / "adopted")
        self._tasks = BackgroundTasks(lambda text: self.notify(text, wrong=True))
        self.path = PathPlayer(self.link, self._tasks, self.touch)
        snapshots = Snapshots(settings.folder / "panel-snapshots.json")
        self._snapshots = snapshots
        self.points = Points(self.link, snapshots, self._is_traveling, self.touch)
        self.learning = ControlLearning(self.link)
        self.loaded = LoadedPreset(self.mirror)
        favourites = Favourites(settings.folder / "panel-favourites.json")
        self.presets = PresetActions(
            self.link, favourites, self.loaded, self.touch, lambda text: self.notify(text, wrong=True)
        )
        self.library = Library(self.link)
        readers = topic_readers(self.mirror, self.model, self.learning, self.loaded, self.presets)
        self.scheduler = UpdateScheduler(readers)
        self.sounds = Sounds(self.link, self.model)
        self.stream = SoundStream(self.link)
        self.sketch = Sketch(self.link, self.touch)
        self._focus = ""
        self._run: tuple[int, str] | None = None
        self._heard: tuple[float, ...] = ()
        self._listing: asyncio.TimerHandle | None = None
        self.n_pages = 0
        self.phone_address = ""
        self.curves_of = -1

    async def open(self) -> None:
        """Start looking for the server, and updating pages."""
        await self.link.open()
        self._tasks.run(self.scheduler.run())
        if self._snapshots.problem:
            self.notify(self._snapshots.problem, wrong=True)

    def close(self) -> None:
        """Release the port, and end what runs."""
        self._tasks.cancel_all()
        self.link.close()
        self.sounds.close()

    def touch(self, *topics: str) -> None:
        """Note that topics have changed; pages learn of it soon."""
        self.scheduler.touch(*topics)

    def notify(self, text: str, *, wrong: bool = False) -> None:
        """Show a line on every page."""
        self._on_change(self.mirror.add_notice(text, wrong=wrong))

    @property
    def latest_notice(self) -> Notice | None:
        """The last notice, unless it is old."""
        last = self.mirror.notices[-1] if self.mirror.notices else None
        return last if last is not None and monotonic() - last.at < _NOTICE_S else None

    @property
    def sketch_failure(self) -> str:
        """Why the last sketch came to nothing, while that is news; empty otherwise."""
        last = self.latest_notice
        is_ours = last is not None and last.wrong and last.address.startswith("/flow/sketch/")
        return last.text if last is not None and is_ours else ""

    def turn(self, k: int, position: float) -> None:
        """Turn one macro; other pages show it at once, other clients once the server sends it."""
        if not (0 <= k < len(self.mirror.macros) and 0.0 <= position <= 1.0):
            return
        macros = list(self.mirror.macros)
        macros[k] = position
        self.mirror.macros = tuple(macros)
        self.link.send("/flow/macro", k, float(position))
        self.touch("macros")

    def ask_curves(self, k: int, n: int) -> None:
        """Ask for the curves of a macro from here, of n parameters; the mirror's curves are the answer."""
        self.mirror.curves = []
        self.curves_of = k
        self.link.send("/flow/curves", k, n)

    def _on_change(self, topic: Topic | None) -> None:
        """Act on what the link brought; None for a server that was lost or found."""
        match topic:
            case None if not self.link.connected:
                self.path.stop()
            case "welcome":
                self._restore()
                self.scheduler.touch_all()
            case "names" if self.model.note_names():
                self.points.forget()
                self.loaded.forget()
                self._tasks.run(self._read_model())
            case "latent":
                self._heard = self.mirror.latent
                self.points.note_soon()
            case "place":
                self._follow_place()
            case "presets":
                self._follow_place_soon()
            case "vocabulary":
                self.loaded.dials_changed()
                self.touch("base")
            case "library":
                self.library.received()
                self.touch("presets")
            case "library_state":
                self.library.followed()
            case "preset_patch":
                self.sounds.receive_patch()
            case "stream" if self.mirror.stream is not None:
                self.stream.found(self.mirror.stream)
            case "sketch":
                self.sketch.follow()
                if self.mirror.sketch_state == "done":
                    self.points.note_soon()
            case "exported_take":
                self._tasks.run(self.sketch.fetch())
            case "gestures":
                self.touch("revision")
            case "another_sketch":
                self.sketch.forget()
                self.touch("sketch")
            case "instruments" if self.mirror.focus != self._focus:
                self._focus = self.mirror.focus
                self.path.stop()  # it would go on with the path of another instrument
                self.touch("history", "bindings", "learning", "loaded")
            case "notices":
                last = self.mirror.notices[-1]
                if last.address == "/flow/sketch/live":
                    self.touch("following")  # it was refused
                elif last.address == "/flow/sound/listen":
                    self.stream.refused(last.text)
                asyncio.get_running_loop().call_later(_NOTICE_S, self.touch, "notices")
        self.touch("server" if topic is None else topic)

    def _is_traveling(self) -> bool:
        """Whether points come that nobody chose: undo goes back to where these began."""
        return self.path.is_playing or self.mirror.sketch_state in ("hearing", "refining")

    def _follow_place(self) -> None:
        self.loaded.follow()
        self.touch("loaded", "base")

    def _follow_place_soon(self) -> None:
        """Look for the preset that plays once the list has come: it is a message for each preset."""
        if self._listing is not None:
            self._listing.cancel()
        self._listing = asyncio.get_running_loop().call_later(_LISTED_S, self._follow_place)

    def _restore(self) -> None:
        """Bring the sound back after a restart of the server, unless a device brings its own."""
        welcome = self.mirror.welcome
        assert welcome is not None
        before, self._run = self._run, (welcome.run, welcome.model)
        if before is None or before[0] == welcome.run or before[1] != welcome.model:
            return
        if self._heard and not any(one.identity for one in self.mirror.instruments.values()):
            self.link.send("/flow/latent", *(float(value) for value in self._heard))

    async def _read_model(self) -> None:
        if await self.model.read_local():
            self.touch("presets", "local_model")

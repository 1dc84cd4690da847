"""What all pages share: the server's state, what players did here, and the pace at which pages are told."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from core.errors import BridgeError, SoundError
from panel.feed.update_scheduler import UpdateScheduler
from panel.osc.link import Link
from panel.osc.messages import Notice
from panel.osc.mirror import Mirror, Topic
from panel.sound.local_model import LocalModel, kind_of, read_local_model
from panel.sound.notes import NoteRenderer
from panel.state.path_playback import PathPlayback
from panel.state.point_history import PointHistory
from panel.state.sketch import Sketch
from panel.state.snapshots import Snapshots, interpolate
from server.instrument.presets import data_folder

__all__ = ["PanelState", "PanelSettings"]

logger = logging.getLogger(__name__)

_RESTED_S = 0.4  # a point that lasts this long can be gone back to
_JOURNEY_PACE_S = 0.02
_NOTICE_S = 12.0  # what happened is said for so long at the foot of the page; the list in Connect keeps it
_ANSWER_S = 2.0  # longer, and a hand that hovers is elsewhere
_LEARNING_S = 60.0  # as long as the server waits for a control


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

    Args:
        settings: From the command line.
    """

    def __init__(self, settings: PanelSettings) -> None:
        self.settings = settings
        self.mirror = Mirror()
        self.link = Link(settings.server, self.mirror, self._changed)
        self.history = PointHistory()
        self.snapshots = Snapshots(settings.folder / "panel-snapshots.json")
        self.notes = NoteRenderer()
        self.local_model = LocalModel()
        self.sketch = Sketch(self.link, self.mirror, self.touch)
        self.journey: PathPlayback | None = None
        self.journey_position = 0.0
        self.n_pages = 0
        self.test_seconds = 10.0
        self.curves_of = -1
        self.learning = -1  # the macro that waits for a control
        self.scheduler = UpdateScheduler(self._readers())
        self._tasks: set[asyncio.Task[Any]] = set()
        self._wanted: dict[str, asyncio.Future[np.ndarray]] = {}  # patches of presets, by name
        self._patience: asyncio.TimerHandle | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._known: tuple[str, tuple[str, ...]] | None = None
        self._travelling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Look for the server, and begin to tell pages."""
        await self.link.open()
        self.run(self.scheduler.run())

    def close(self) -> None:
        """Let go of everything."""
        for task in self._tasks:
            task.cancel()
        self.link.close()
        self.notes.close()

    def run(self, work: Any) -> "asyncio.Task[Any]":
        """Run a coroutine to its end, however long that takes."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    # -- pages

    def touch(self, *topics: str) -> None:
        """Say that something of the panel's own has changed."""
        self.scheduler.touch(*topics)

    def notify(self, text: str, *, wrong: bool = False) -> None:
        """Show a line to everybody."""
        self._changed(self.mirror.add_notice(text, wrong=wrong))

    @property
    def latest_notice(self) -> Notice | None:
        """What was said last, while it is news."""
        last = self.mirror.notices[-1] if self.mirror.notices else None
        return last if last is not None and monotonic() - last.at < _NOTICE_S else None

    # -- playing

    @property
    def model(self) -> str:
        """Name of the model that plays."""
        return self.mirror.welcome.model if self.mirror.welcome else ""

    @property
    def n_macros(self) -> int:
        """How many macros there are; none until the server has answered."""
        return self.mirror.welcome.n_macros if self.mirror.welcome else 0

    def turn(self, k: int, value: float) -> None:
        """Turn one macro; the other pages see it at once, the server tells the other clients."""
        if not (0 <= k < len(self.mirror.macros) and 0.0 <= value <= 1.0):
            return
        macros = list(self.mirror.macros)
        macros[k] = value
        self.mirror.macros = tuple(macros)
        self.link.send("/flow/macro", k, float(value))
        self.touch("macros")

    def learn(self, k: int) -> None:
        """Let macro k wait for a control."""
        self._learned()
        self.learning = k
        self.link.send("/flow/learn", k)
        self._patience = asyncio.get_running_loop().call_later(_LEARNING_S, self._learned)
        self.touch("learning")

    def go(self, latent: tuple[float, ...]) -> None:
        """Go to a point."""
        self.link.send("/flow/latent", *(float(value) for value in latent))

    def undo(self) -> None:
        """Go back to the point before."""
        self._note_point()
        point = self.history.undo()
        if point is not None:
            self.go(point)
        self.touch("history")

    def redo(self) -> None:
        """Go to the point that was undone last."""
        point = self.history.redo()
        if point is not None:
            self.go(point)
        self.touch("history")

    def store(self, slot: str) -> None:
        """Put the present point into a slot."""
        if not self.mirror.latent:
            return
        try:
            self.snapshots.store(self.model, slot, self.mirror.latent)
        except OSError as error:
            self.notify(f"Snapshot {slot} is held until the panel stops: {error.strerror}.", wrong=True)
        self.touch("snapshots")

    def recall(self, slot: str) -> None:
        """Go to a slot's point."""
        point = self.snapshots.point(self.model, slot, len(self.mirror.latent))
        if point is not None:
            self.go(point)

    def morph(self, a: str, b: str, position: float) -> None:
        """Go to a point between two slots."""
        n = len(self.mirror.latent)
        ends = self.snapshots.point(self.model, a, n), self.snapshots.point(self.model, b, n)
        if ends[0] is not None and ends[1] is not None:
            self.go(interpolate(ends[0], ends[1], min(max(position, 0.0), 1.0)))

    def ask_curves(self, k: int, n: int) -> None:
        """Ask what a macro does from here; the mirror's curves are the answer."""
        self.mirror.curves = []
        self.curves_of = k
        self.link.send("/flow/curves", k, n)

    # -- the path

    def travel(self, journey: PathPlayback | None) -> None:
        """Play the path in tempo, or stop."""
        if self._travelling is not None:
            self._travelling.cancel()
            self._travelling = None
        self.journey = journey
        if journey is not None:
            self._travelling = self.run(self._travel(journey))
        self.touch("path")

    async def _travel(self, journey: PathPlayback) -> None:
        began = monotonic()
        while (position := journey.position(monotonic() - began)) is not None:
            self.journey_position = position
            self.link.send("/flow/path/play", position)
            self.touch("path")
            await asyncio.sleep(_JOURNEY_PACE_S)
        self.link.send("/flow/path/play", 0.0 if journey.back else 1.0)
        self.journey = None
        self.touch("path")

    # -- sounds

    @property
    def played_note(self) -> int:
        """The note at which an answer is comparable with the sketch; C4 where there is none."""
        return min(max(self.mirror.pitch[0], 12), 108) if self.mirror.pitch else 60

    async def note(self, note: int = 60) -> np.ndarray:
        """Give a note of the present patch; see `NoteRenderer.audio`."""
        return await self.notes.audio(self.local_model.space, self.mirror.patch, note)

    async def preset_note(self, name: str) -> np.ndarray:
        """Give a note of a preset of the map, the player's own among them, without going there.

        Raises:
            BridgeError: There is none of that name, no server answers, or it cannot be played here.
        """
        if all(name != place.name for place in self.mirror.presets.values()):
            raise SoundError(f"There is no preset '{name[:64]}' on the map.")
        wanted = self._wanted.setdefault(name, asyncio.get_running_loop().create_future())
        self.link.send("/flow/preset/patch", name)
        try:
            patch = await asyncio.wait_for(asyncio.shield(wanted), _ANSWER_S)
        except TimeoutError as error:
            raise SoundError(f"The server does not say what '{name[:64]}' is; try again.") from error
        finally:
            self._wanted.pop(name, None)
        return await self.notes.audio(self.local_model.space, patch, 60)

    def preset_columns(self) -> dict[str, list[Any]]:
        """Give the map as columns: names, kinds, x, y."""
        presets = list(self.mirror.presets.values())
        return {
            "names": [p.name for p in presets],
            "kinds": [kind_of(p.name, self.local_model) for p in presets],
            "x": [round(p.x, 4) for p in presets],
            "y": [round(p.y, 4) for p in presets],
        }

    # -- inside

    def _learned(self) -> None:
        """No macro waits for a control any more."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
            self.learning = -1
            self.touch("learning")

    def _changed(self, topic: Topic | None) -> None:
        """Take note of what the link brought; the pages are told soon."""
        if topic == "welcome":
            self.scheduler.touch_all()
        if topic == "latent":
            self._note_point_soon()
        if topic == "preset_patch" and self.mirror.preset_patch is not None:
            name, patch = self.mirror.preset_patch
            if name in self._wanted and not self._wanted[name].done():
                self._wanted[name].set_result(patch)
        if topic == "sketch":
            self.sketch.follow()
        if topic == "exported_take":
            self.run(self.sketch.fetch())
        if topic == "names":
            self._look_up()
        if topic == "bindings" or (topic == "notices" and self.mirror.notices[-1].address == "/flow/learn"):
            self._learned()  # it was bound, or cannot be
        if topic is None and not self.link.connected:
            self.travel(None)
        if topic == "notices":
            asyncio.get_running_loop().call_later(_NOTICE_S, self.touch, "notices")
        self.touch("server" if topic is None else topic)

    def _note_point_soon(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(_RESTED_S, self._note_point)

    def _note_point(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
            if self.mirror.latent and self.journey is None:
                self.history.add(self.mirror.latent)
                self.touch("history")

    def _look_up(self) -> None:
        """Read what this machine has of the model, once all names are there."""
        welcome = self.mirror.welcome
        if welcome is None or len(self.mirror.names) < welcome.n_parameters:
            return
        labels = tuple(self.mirror.names[k] for k in sorted(self.mirror.names))
        known = welcome.model, labels
        if known != self._known:
            self._known = known
            self.history.clear()
            self.run(self._read_local_model(*known))

    async def _read_local_model(self, model: str, labels: tuple[str, ...]) -> None:
        local_model = await asyncio.to_thread(read_local_model, model, labels, self.settings.model)
        if self._known == (model, labels):
            self.local_model = local_model
            self.mirror.presets_revision += 1  # kinds are known now
            self.touch("presets", "local_model")

    def _readers(self) -> dict[str, Callable[[], Any]]:
        mirror = self.mirror
        return {
            "names": lambda: [mirror.macro_names.get(k, f"Macro {k + 1}") for k in range(self.n_macros)],
            "labels": lambda: [mirror.names[k] for k in sorted(mirror.names)],
            "macros": lambda: [round(v, 4) for v in mirror.macros],
            "frozen": lambda: sorted(mirror.frozen),
            "bindings": lambda: [asdict(binding) for _, binding in sorted(mirror.bindings.items())],
            "learning": lambda: self.learning,
            "params": lambda: np.round(mirror.patch, 3).tolist(),
            "revision": lambda: mirror.revision,
            "place": lambda: mirror.place,
            "presets": lambda: mirror.presets_revision,
            "path": lambda: {
                "points": mirror.path_points,
                "playing": self.journey is not None,
                "position": self.journey_position,
            },
        }

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, BridgeError):
            self.notify(str(error), wrong=True)
        else:
            logger.error("something of the panel failed; this is a bug", exc_info=error)

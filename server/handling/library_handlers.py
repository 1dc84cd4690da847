"""What the messages about people's own presets do: they are heard by a process beside the server."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from core.errors import BridgeError, ProtocolError
from library.anchors import ask_for_anchors
from library.places import Near
from library.shelf import Shelf, ShelfPreset
from models.folder import ModelFolder
from server.osc.answers import Answer, Listing, Reply, Work, status
from server.osc.builder import osc_message
from server.osc.hints import hint
from server.running.hearing_process import HearingProcess
from server.tracks.track import Track
from server.tracks.tracks import Tracks
from synths.catalog import facts_of

__all__ = ["LibraryHandlers"]

_PAGE = 64  # presets of one answer
_MOST_ALIKE = 16
_MOST_STYLES = 64
_LEAST_ANCHORS = 8  # presets that make a map
_READ_EVERY_S = 5.0
_MOST_LEFT_OUT = 1_000


class LibraryHandlers:
    """Answers messages about people's own presets.

    Args:
        tracks: All instruments; places are those on the map of the model that has the focus.
        folders: Where presets lie; one that is not there counts as left out.
        dropped: Where those lie that players drop on the panel; it may be missing. Without any folder that is
            there, nothing is heard.
        kept: Folder of what was heard.
        process: Hears them.
    """

    def __init__(
        self,
        tracks: Tracks,
        folders: Sequence[Path] = (),
        dropped: Path | None = None,
        kept: Path = Path(),
        process: HearingProcess | None = None,
    ) -> None:
        self._tracks = tracks
        self._given = tuple(folders)
        self._dropped = dropped
        self._folders: tuple[Path, ...] = ()  # that were there when they were last read
        self._kept = kept
        self._process = process or HearingProcess()
        self._shelf: Shelf | None = None
        self._model: ModelFolder | None = None  # whose map the places are on
        self._is_stale = True
        self._read_at = -_READ_EVERY_S
        self._state = ("off", 0, 0)
        self._told: tuple[Any, ...] = ()
        self._left_out: dict[str, tuple[str, str]] = {}  # file name and reason, by path
        self.by_address: dict[str, Callable[..., list[Answer]]] = {
            "/flow/library": self._find,
            "/flow/library/styles": self._list_styles,
            "/flow/library/like": self._like,
            "/flow/library/sung": self._like_sketch,
            "/flow/library/left": self._list_left_out,
            "/flow/library/hear": self._hear,
        }

    @property
    def _index(self) -> Path:
        return self._kept / "heard"

    # -- in the background

    def stop(self) -> None:
        """End the process that hears."""
        self._process.stop()

    def kill(self) -> None:
        """End it at once. From any thread."""
        self._process.kill()

    def news(self, now: float) -> list[Answer]:
        """Return what is to be told and done now; called twice a second."""
        if not self._given and self._dropped is None:
            return []
        for report in self._process.collect():
            self._note(report)
        answers: list[Answer] = []
        if self._state_values() != self._told:
            self._told = self._state_values()
            answers.append(Reply(self._state_message(), "all"))
        is_other = self._tracks.focus.instrument.model is not self._model
        if is_other or (self._is_stale and now - self._read_at >= _READ_EVERY_S):
            self._read_at = now
            answers.append(self._read(is_other_map=is_other))
        return answers

    def _note(self, report: dict[str, Any]) -> None:
        """Note what the process reports."""
        if "ended" in report:
            self._is_stale, self._read_at = True, -_READ_EVERY_S
            self._state = ("failed" if report["ended"] else "done", *self._state[1:])
            return
        self._state = ("hearing", int(report["done"]), int(report["total"]))
        self._is_stale |= bool(report.get("saved"))
        path = report.get("left_out")
        if isinstance(path, str) and len(self._left_out) < _MOST_LEFT_OUT:
            self._left_out[path] = (Path(path).name, str(report.get("reason", "")))

    def _read(self, *, is_other_map: bool) -> Work:
        """Return the work of reading what is known, with places on the map of the model that plays."""
        is_asked_for = self._model is None  # at the start, too
        model = self._model = self._tracks.focus.instrument.model
        self._is_stale = False
        before = self._shelf

        def work() -> tuple[Shelf | None, tuple[Path, ...]]:
            folders = self._given
            if self._dropped is not None and self._dropped.is_dir():
                folders = (*folders, self._dropped)
            if not folders:
                return None, ()
            try:
                anchors = None
                if facts_of(model.space).make_over is not None and len(model.presets) >= _LEAST_ANCHORS:
                    presets = model.presets
                    anchors = ask_for_anchors(self._kept, model.space, presets.patches, presets.places)
                return Shelf.read(folders, self._index, anchors, before), folders
            except OSError as error:
                raise BridgeError(
                    f"what was heard of presets cannot be kept in {self._kept}: {error.strerror}. Start the "
                    "server with --data FOLDER."
                ) from error

        def land(read: tuple[Shelf | None, tuple[Path, ...]]) -> list[Answer]:
            self._shelf, self._folders = shelf, _ = read
            lacks_map = shelf is not None and is_other_map and not shelf.is_placed
            if shelf is not None and (is_asked_for or lacks_map) and not self._process.is_running:
                self._start(shelf)
            return []

        return Work("library", work, land)

    def _start(self, shelf: Shelf) -> None:
        self._left_out.clear()
        self._state = ("hearing", 0, len(shelf.presets))
        anchors = [] if shelf.anchors is None else ["--anchors", str(shelf.anchors)]
        self._process.start(["--index", str(self._index), *anchors, "--", *map(str, self._folders)])

    # -- messages

    def _known(self) -> Shelf:
        """Return what is known.

        Raises:
            ProtocolError: No folder is there, or none has been read yet.
        """
        if self._shelf is None:
            raise ProtocolError("there is no folder of presets; start the server with --presets FOLDER.")
        return self._shelf

    def _find(self, track: Track, text: str, style: str, author: str, first: int) -> list[Answer]:
        shelf = self._shelf or Shelf()

        def land(found: list[ShelfPreset]) -> list[Answer]:
            return [Reply(self._state_message()), Listing(_items(found, first))]

        return [Work("library search", lambda: shelf.find(text, style, author), land)]

    def _list_styles(self, track: Track) -> list[Answer]:
        shelf = self._shelf or Shelf()

        def land(styles: list[tuple[str, int]]) -> list[Answer]:
            n = min(len(styles), _MOST_STYLES)
            rows = enumerate(styles[:n]) if n else [(0, ("", 0))]
            return [Listing(osc_message("/flow/library/style", k, n, *row) for k, row in rows)]

        return [Work("library styles", shelf.styles, land)]

    def _like(self, track: Track, name: str) -> list[Answer]:
        shelf = self._known()
        preset = shelf.presets.get(name)
        if preset is None:
            raise ProtocolError(f"there is no preset '{name}' in the folders; {hint(name, shelf.presets)}")
        if preset.heard is None:
            raise ProtocolError(f"'{name}' has not been heard yet; try again in a moment.")
        if preset.heard.is_silent:
            raise ProtocolError(f"'{name}' is silent at C4, so nothing sounds like it; pick another.")

        return [_alike(name, lambda: shelf.like(name, _MOST_ALIKE))]

    def _like_sketch(self, track: Track) -> list[Answer]:
        shelf, take = self._known(), track.sketch.answered
        if take is None or take.code is None:
            raise ProtocolError("nothing was sketched on this instrument yet; record a sound or drop a file.")
        code = take.code
        return [_alike("", lambda: shelf.like_sound(code, _MOST_ALIKE))]

    def names_like(self, name: str) -> list[str]:
        """Return names of presets that sound like one, nearest first; none while it is not known."""
        return [] if self._shelf is None else [near.key for near in self._shelf.like(name, _MOST_ALIKE)]

    def _list_left_out(self, track: Track, first: int) -> list[Answer]:
        self._known()
        rows = sorted(self._left_out.values())
        if not rows[first:]:
            return [status("no preset is left out" if not rows else f"{len(rows)} files are left out")]
        shown = enumerate(rows[first : first + _PAGE], first)
        return [Listing(osc_message("/flow/library/left", k, len(rows), *row) for k, row in shown)]

    def _hear(self, track: Track) -> list[Answer]:
        if not self._given and self._dropped is None:
            self._known()
        if not self._process.is_running:
            self._model = None  # read, and then started, at the next turn of `news`
        return [Reply(self._state_message())]

    def _state_values(self) -> tuple[str, int, int, int]:
        return (*self._state, len(self._left_out))

    def _state_message(self) -> bytes:
        return osc_message("/flow/library/state", *self._state_values())


def _alike(name: str, find: Callable[[], list[Near]]) -> Work:
    """Return the work of finding presets that are like something, and telling them."""

    def land(near: list[Near]) -> list[Answer]:
        if not near:
            return [Reply(osc_message("/flow/library/like", 0, 0, name, "", 0.0))]
        messages = [
            osc_message("/flow/library/like", k, len(near), name, one.key, one.distance_db)
            for k, one in enumerate(near)
        ]
        return [Listing(iter(messages))]

    return Work("library like", find, land)


def _items(found: list[ShelfPreset], first: int) -> Iterator[bytes]:
    n = len(found)
    if not n:
        yield osc_message("/flow/library/preset", 0, 0, "", "", "", -1.0, -1.0, -1.0)
    for k, preset in enumerate(found[first : first + _PAGE], first):
        x, y = preset.place or (-1.0, -1.0)
        repeat_db = -1.0 if preset.heard is None else preset.heard.repeat_db
        yield osc_message("/flow/library/preset", k, n, *preset.words, x, y, repeat_db)

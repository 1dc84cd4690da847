"""What a foot asks for: presets in order, A and B, undo, the path in tempo, the next instrument or answer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import ProtocolError
from server.osc.answers import Answer, FocusChanged, Follow, InstrumentsChanged, status
from server.tracks.track import Track
from server.tracks.tracks import Tracks

if TYPE_CHECKING:
    from server.sketch.sketcher import Sketcher

__all__ = ["PlayHandlers"]


class PlayHandlers:
    """Answers them.

    Args:
        tracks: All instruments.
        sketcher: What answers sketches.

    Attributes:
        by_address: The handlers.
    """

    def __init__(self, tracks: Tracks, sketcher: "Sketcher | None") -> None:
        self._tracks = tracks
        self.by_address: dict[str, Callable[..., list[Answer]]] = {
            "/flow/preset/step": self._preset_step,
            "/flow/ab": self._ab,
            "/flow/undo": self._undo,
            "/flow/redo": self._redo,
            "/flow/path/run": self._path_run,
            "/flow/focus/next": self._focus_next,
        }
        if sketcher is not None:
            self.by_address["/flow/sketch/next"] = sketcher.pick_next

    def _preset_step(self, track: Track, by: int) -> list[Answer]:
        name = track.instrument.preset_at(by)
        track.instrument.load_preset(name)
        return [Follow(), status(f"preset '{name}'", "listeners")]

    def _ab(self, track: Track) -> list[Answer]:
        slot, point = track.history.other_slot(track.instrument.latent)
        if point is None:
            text = f"{slot} is a copy of what plays; change it, and a/b goes from one to the other"
            return [status(text, "listeners")]
        track.instrument.go_back(point)
        return [Follow(), status(f"{slot} plays", "listeners")]

    def _undo(self, track: Track) -> list[Answer]:
        return self._go_back(track, track.history.undo(track.instrument.latent), "undo")

    def _redo(self, track: Track) -> list[Answer]:
        return self._go_back(track, track.history.redo(track.instrument.latent), "redo")

    def _go_back(self, track: Track, point: tuple[float, ...] | None, what: str) -> list[Answer]:
        if point is None:
            return [status(f"there is nothing to {what}", "listeners")]
        track.instrument.go_back(point)
        return [Follow()]

    def _path_run(self, track: Track, on: int) -> list[Answer]:
        if on:
            track.instrument.check("/flow/path/play")
        track.run_path(bool(on))
        return [status("the path plays" if on else "the path stands still", "listeners")]

    def _focus_next(self, track: Track) -> list[Answer]:
        playing = [one for one in self._tracks if one.is_alive or one.has_focus]
        if len(playing) < 2:
            raise ProtocolError("there is no other instrument. Add a Flow Synth to another track.")
        focus = self._tracks.focus
        at = next((k for k, one in enumerate(playing) if one is focus), -1)
        found = self._tracks.set_focus(playing[(at + 1) % len(playing)].identity)
        text = f"'{found.name}' has the focus" if found.name else "another instrument has the focus"
        return [FocusChanged(), InstrumentsChanged(), status(text, "all")]

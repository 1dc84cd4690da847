"""What the messages about people's own presets do: one plays at once, and its macros come later."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Protocol

from core.errors import ProtocolError
from server.handling.model_handlers import ModelHandlers
from server.handling.own_paths import OwnPaths
from server.instrument.preset_file import check_name
from server.osc.answers import Answer, Follow, Listing, Reply, Work, status
from server.osc.builder import osc_message
from server.osc.hints import hint
from server.own.adopting_process import COMMAND, Report
from server.own.adoptions import Adoption, Adoptions
from server.own.kept_presets import KeptPresets
from server.own.own_files import OwnFile, check_size, find_own_files
from server.running.jobs import Post
from server.tracks.track import Track
from server.tracks.tracks import Tracks
from sketching.candidate import Candidate

__all__ = ["CarryOut", "OwnHandlers"]


class CarryOut(Protocol):
    """Carries out what no client asked for; see `Responder.carry_out`."""

    def __call__(self, answers: list[Answer], now: float, track: Track | None = None) -> None:
        """Carry out answers about an instrument."""
        ...


class OwnHandlers:
    """Answers messages about people's own presets.

    Args:
        tracks: All instruments.
        models: Answers messages about models: an adopted preset is one.
        folders: Where presets lie.
        root: Folder of those that are adopted.
        folder_for: Returns the folder in which a preset file is kept, in the folder of all; for a worker.
        post: Has something called on the loop.
        command: What starts the process that adopts a preset.

    Attributes:
        paths: Answers messages about paths from one to another.
    """

    def __init__(
        self,
        tracks: Tracks,
        models: ModelHandlers,
        folders: Sequence[Path],
        root: Path,
        folder_for: Callable[[Path, Path], Path],
        post: Post,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._tracks = tracks
        self._models = models
        self._folders = tuple(folders)
        self._kept = KeptPresets(root)
        self._folder_for = folder_for
        self._adoptions = Adoptions(post, self._told, command)
        self._asked: dict[Track, str] = {}  # what each instrument is to play, as asked for last
        # For which folder, until its macros are made, and what it played when it was asked for.
        self._waits: dict[Track, tuple[str, str]] = {}
        self._goes_to: dict[Track, Candidate] = {}  # the answer to a sketch that is played on arrival
        self.carry_out: CarryOut = lambda answers, now, track=None: None
        for folder in self._kept.folders.values():
            models.add_folder(folder)
        self.paths = OwnPaths(folders)
        self.by_address: dict[str, Callable[..., list[Answer]]] = {
            "/flow/own": self._own_as_it_is,
            "/flow/owns": self._list,
            **self.paths.by_address,
        }

    def kill(self) -> None:
        """End what adopts presets, at once. From any thread."""
        self._adoptions.kill()

    # -- messages

    def _list(self, track: Track) -> list[Answer]:
        def work() -> list[tuple[OwnFile, tuple[str, str]]]:
            return [(file, file.described()) for file in find_own_files(self._folders).values()]

        def land(found: list[tuple[OwnFile, tuple[str, str]]]) -> list[Answer]:
            if not found:
                return [status(f"there are no presets of your own here; {self._advice()}")]
            n = len(found)
            items = (
                osc_message("/flow/own/file", k, n, file.name, *described, int(self._kept.is_kept(file)))
                for k, (file, described) in enumerate(found)
            )
            return [Listing(items)]

        return [Work("own presets", work, land)]

    def _advice(self) -> str:
        if not self._folders:
            return "start the server with --presets FOLDER."
        return f"put some into {self._folders[0].as_posix()}, or start the server with --presets FOLDER."

    def go_to_answer(self, track: Track, picked: Candidate, model: str) -> list[Answer]:
        """Play an answer to a sketch: on the preset that it is, or by the model that it belongs to."""
        self._goes_to[track] = picked
        return self._own(track, picked.own) if picked.own else self._change(track, model)

    def _own_as_it_is(self, track: Track, name: str) -> list[Answer]:
        self._goes_to.pop(track, None)
        return self._own(track, name)

    def _own(self, track: Track, name: str) -> list[Answer]:
        name = check_name(name)
        self._asked[track] = name

        def work() -> tuple[OwnFile, Path]:
            files = find_own_files(self._folders)
            if name not in files:
                known = hint(name, files) if files else self._advice()
                raise ProtocolError(f"there is no preset of your own called '{name}'; {known}")
            check_size(files[name])
            return files[name], self._folder_for(self._kept.root, files[name].path)

        def land(found: tuple[OwnFile, Path]) -> list[Answer]:
            file, folder = found
            if self._asked.get(track) != name:  # another was asked for meanwhile
                return []
            del self._asked[track]
            return self._play(track, file, folder)

        return [Work("own", work, land)]

    def _play(self, track: Track, file: OwnFile, folder: Path) -> list[Answer]:
        """Play an adopted preset; have it adopted first, if it is not."""
        self._waits.pop(track, None)
        if folder.name in self._kept:
            answers = [] if self._kept.is_kept(file) else self._keep(folder, file)
            return [*self._change(track, folder.name), *answers]
        adoption = self._adoptions.add(file, folder, self._needed())
        if adoption is None:
            raise ProtocolError("too many presets wait to be adopted; try again in a minute.")
        self._waits[track] = folder.name, track.instrument.model.name
        if adoption.plays:
            return self._change(track, folder.name)
        text = f"'{file.name}' is being read; its macros come within a minute or so"
        return [self._progress(file.name, Report(stage="macros"), "begins"), status(text, "listeners")]

    def _change(self, track: Track, name: str) -> list[Answer]:
        """Have an instrument played by a model, and then go to the answer that was picked, if one was."""
        answers, picked = self._models.change(track, name), self._goes_to.pop(track, None)
        if picked is None:
            return answers

        def arrive() -> list[Answer]:
            if track.instrument.model.name != name:  # another was chosen meanwhile
                return []
            track.instrument.go_to_answer(picked.patch, picked.gestures)
            return [Follow()]

        loading = answers[0]
        if not isinstance(loading, Work):
            return [*answers, *arrive()]
        return [replace(loading, land=lambda result: [*loading.land(result), *arrive()])]

    def _needed(self) -> set[str]:
        playing = {track.instrument.model.name for track in self._tracks}
        return playing | {name for name, _ in self._waits.values() if self._waiting_for(name)}

    def _waiting_for(self, name: str) -> list[Track]:
        """Return the instruments that wait for a folder, and for which no other model was chosen since."""
        return [t for t, wait in self._waits.items() if wait[0] == name and t.instrument.model.name in wait]

    # -- what adoptions report

    def _told(self, adoption: Adoption, report: Report) -> None:
        """Act on a report, for every instrument that plays the preset or waits for it."""
        name = adoption.folder.name
        waiting = self._waiting_for(name)
        if report.stage == "plays":
            self._models.add_folder(adoption.folder)
            for track in waiting:
                self._do(self._change(track, name), track)
        elif report.stage == "ready":
            self._do([*self._keep(adoption.folder, adoption.file), *self._models.exchange(name)], None)
        if report.stage in ("ready", "failed", "ended"):
            self._waits = {track: wait for track, wait in self._waits.items() if wait[0] != name}
        for track in dict.fromkeys([*waiting, *self._tracks.playing_model(name)]):
            self._do(self._news(adoption, report), track)

    def _news(self, adoption: Adoption, report: Report) -> list[Answer]:
        """Return what the clients of an instrument are told."""
        name = adoption.file.name
        match report.stage:
            case "plays" | "macros":
                return [self._progress(name, report, "macros")]
            case "warning":
                return [status(f"'{name}': {report.text}", "listeners")]
            case "ready":
                text = f"'{name}' has its own macros now; the sound is as it was"
                return [self._progress(name, report, "ready"), status(text, "listeners")]
            case "failed" if adoption.plays:
                text = f"'{name}' plays, but its macros could not be made: {report.text}"
            case "failed":
                text = f"'{name}' cannot be played: {report.text}"
            case _:
                return []
        failed = self._progress(name, report, "failed")
        return [failed, Reply(osc_message("/flow/error", "/flow/own", text), "listeners")]

    def _keep(self, folder: Path, file: OwnFile) -> list[Answer]:
        """Return the work of remembering that a folder is complete."""
        self._kept.add(folder, file)
        return [Work("adopted presets", self._kept.write, lambda _: [])]

    def _progress(self, name: str, report: Report, word: str) -> Reply:
        done = 1.0 if word == "ready" else report.done
        return Reply(osc_message("/flow/own/progress", name, word, done, report.text), "listeners")

    def _do(self, answers: list[Answer], track: Track | None) -> None:
        self.carry_out(answers, perf_counter(), track)

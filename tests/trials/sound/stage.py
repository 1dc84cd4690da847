"""Plays trials of microphones and sound files: the microphone process on a sound system without hardware.

microphone "NAME" inputs N [rate HZ] [gives N] [taken "WORDS"] [mute]
choose "NAME:2"             the player chooses; also empty
record, follow              the player presses the button
sing K [LEVEL] [SECONDS]    into input K; `sing K against` into K and its opposite into the other
stop
level over 0.1              the meter, of what was sung last
file "NAME" KIND [after SECONDS] [in K of N] [against]   a file that holds a second of a tone, or `text`
read "NAME"                 as a sketch is read
all                         of them, as `evaluate.py match` reads them
hear "TEXT", unheard "TEXT" as everywhere
"""

import time
from typing import Any

import numpy as np
import soundfile

from core.errors import SoundError
from core.sound_file import read_sound, sound_files
from server.sketch.messages import AudioBlock, TakeBegun, TakeEnded, pack, unpack
from tests.server.sketch.sound_system import Device, Process
from tests.support.live import MY_PORT, Rig

RATE = 48_000
_PATIENCE_S = 5.0


class _Processes:
    """What the bridge knows as the two processes: only the microphone's is there."""

    def __init__(self, process: Process) -> None:
        self._pipe = process.pipe

    @property
    def waiting(self) -> bool:
        return bool(self._pipe.poll(0))

    def collect(self) -> list[Any]:
        reports = []
        while self._pipe.poll(0):
            report = unpack(self._pipe.recv_bytes())
            if not isinstance(report, AudioBlock | TakeBegun | TakeEnded):
                reports.append(report)
        return reports

    def send_to_microphone_process(self, message: Any) -> None:
        self._pipe.send_bytes(pack(message))

    def send_to_answer_process(self, message: Any) -> None:
        pass


class SoundStage:
    """Plays one trial.

    Args:
        model: Folder of the model.
        folder: For facts and sound files.
        monkeypatch: Puts the sound system in place.
    """

    def __init__(self, model, folder, monkeypatch) -> None:
        self._model, self._folder, self._monkeypatch = model, folder, monkeypatch
        self._devices: list[Device] = []
        self._process: Process | None = None
        self._rig: Rig | None = None
        self.texts: list[str] = []
        self._levels: list[float] = []
        self._heard = 0
        self._files = folder / "files"
        self._files.mkdir()

    def play(self, trial) -> None:
        try:
            for step in trial.steps:
                try:
                    getattr(self, f"_{step.words[0]}")(*step.words[1:])
                except AssertionError as error:
                    said = "\n".join([" ".join(step.words), str(error), "read so far:", *self.texts])
                    raise AssertionError(f"line {step.line}: {said}") from error
        finally:
            if self._process is not None:
                self._process.close()

    # -- microphones

    def _microphone(self, name: str, *words: str) -> None:
        given = dict(zip(words[::2], words[1::2], strict=False))
        device = Device(
            name, int(given["inputs"]), int(given.get("rate", RATE)), taken=given.get("taken", "")
        )
        device.mute = "mute" in words
        if "gives" in given:
            device.refuses = lambda n, rate: n != int(given["gives"]) or rate != RATE
        self._devices.append(device)

    def _ask(self, *message) -> None:
        if self._rig is None:
            self._process = Process(self._folder, self._monkeypatch, *self._devices)
            self._rig = Rig(self._model, self._folder / "data", processes=_Processes(self._process))
            self._rig.hello()
        self._take(self._rig.send(*message))

    def _turn(self) -> None:
        if self._rig is not None:
            self._take(self._rig.turn())

    def _take(self, sent) -> None:
        for address, *values in sent.get(MY_PORT, []):
            if address in ("/flow/status", "/flow/error"):
                self.texts.append(values[-1])
            elif address == "/flow/sketch/state" and values[0] == "recording":
                self._levels.append(values[1])

    def _until(self, condition) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while not condition() and time.monotonic() < deadline:
            self._turn()
            time.sleep(0.01)
        return condition()

    def _choose(self, name: str) -> None:
        self._ask("/flow/sketch/microphone", name)

    def _record(self) -> None:
        self._ask("/flow/sketch/record", 1)

    def _follow(self) -> None:
        self._ask("/flow/sketch/live", 1)

    def _stop(self) -> None:
        self._ask("/flow/sketch/record", 0)

    def _sing(self, k: str, *words: str) -> None:
        assert self._process is not None
        assert self._until(lambda: self._process.system.open is not None), "no microphone was opened"
        level = float(words[0]) if words and words[0] != "against" else 0.3
        seconds = float(words[1]) if len(words) > 1 else 0.3
        n_inputs = self._process.system.open.n_channels
        channels = 1e-5 * np.random.default_rng(0).standard_normal((round(seconds * RATE), n_inputs))
        channels[:, int(k) - 1] += _tone(seconds, level)
        if "against" in words:
            channels[:, 2 - int(k)] -= _tone(seconds, level)
        self._levels.clear()
        self._process.system.sing(channels if level else np.zeros_like(channels))
        self._until(lambda: bool(self._levels))

    def _level(self, _over: str, least: str) -> None:
        moved = self._until(lambda: max(self._levels, default=0.0) > float(least))
        assert moved, f"the meter showed {self._levels}"

    # -- files

    def _file(self, name: str, kind: str, *words: str) -> None:
        path = self._files / name
        if kind == "text":
            path.write_text("no sound")
            return
        after = float(words[words.index("after") + 1]) if "after" in words else 0.0
        sound = np.concatenate([np.zeros(round(after * RATE)), _tone(1.0, 0.3)])[:, None]
        if "against" in words:
            sound = np.hstack([sound, -sound])
        if "in" in words:
            k, n = int(words[words.index("in") + 1]), int(words[words.index("of") + 1])
            sound = sound * (np.arange(n) == k - 1)
        if kind in ("m4a", "webm"):
            from tests.core.test_sound_kinds import encoded

            encoded(path, *{"m4a": ("aac", "ipod"), "webm": ("libopus", "webm")}[kind])
        else:
            form, _, subtype = kind.partition("/")
            soundfile.write(path, sound, RATE, format=form, subtype=subtype or None)

    def _read(self, name: str) -> None:
        try:
            audio = read_sound(self._files / name, RATE)
        except SoundError as error:
            self.texts.append(str(error))
        else:
            loud = np.abs(audio) > 0.17 * np.abs(audio).max()  # 89 % of a sine
            self.texts.append(f"{name} is heard for {loud.sum() / RATE / 0.89:.1f} s")

    def _all(self) -> None:
        found, left_out = sound_files(self._files)
        self.texts.append(f"{len(found)} answered, {len(left_out)} left out")
        self.texts += [reason for _, reason in left_out]

    # -- what comes of it

    def _hear(self, text: str) -> None:
        assert self._until(lambda: any(text in one for one in self.texts[self._heard :])), "no such thing"
        self._heard = next(n for n in range(self._heard, len(self.texts)) if text in self.texts[n]) + 1

    def _unheard(self, text: str) -> None:
        self._turn()
        assert not [one for one in self.texts if text in one], "it was read"


def _tone(seconds: float, level: float) -> np.ndarray:
    return level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)

"""The sound process: keys and patches come through a pipe; it mixes, plays and serves what is heard.

What is heard is made in the thread that wants it: the speakers' callback, or that of a listener. This one
only carries orders out, and hands renders to and fro.
"""

import contextlib
import logging
import sys
import time
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, assert_never

from core.errors import BridgeError
from core.space import ParameterSpace
from sounding.orders import (
    AddSpace,
    Bend,
    Leave,
    Order,
    Panic,
    Pedal,
    Press,
    Release,
    SetPatch,
    SetVolume,
    SoundOptions,
    SoundReport,
)
from sounding.player import Player
from sounding.plugin_player import PluginPlayer
from sounding.renderer_pool import RendererPool
from sounding.shared_stream import SharedStream
from sounding.stream_server import StreamServer

if TYPE_CHECKING:
    from sounding.speaker import Speaker

__all__ = ["QUIT", "SoundProcess", "run_sound"]

logger = logging.getLogger(__name__)

QUIT = None
_RATE = 44_100  # Hz, where no speakers say otherwise
_REST_S = 0.03  # how soon patches that rest, and voices that have ended, are looked at
_REPORT_EVERY_S = 0.5
_BEAT_S = 1.0  # a report is sent this often, also when nothing has changed: it is a sign of life
_SWITCH_S = 0.0005  # the interpreter is given to the thread that makes sound this soon


class SoundProcess:
    """Plays what comes through a pipe, until the pipe ends.

    Args:
        pipe: To whoever started it.
        options: How to play.
    """

    def __init__(self, pipe: Connection, options: SoundOptions) -> None:
        self._pipe = pipe
        self._text = ""
        self._told = SoundReport()
        self._told_at = 0.0
        self._speaker: Speaker | None = _open_speaker() if options.speakers else None
        rate = _RATE if self._speaker is None else self._speaker.sample_rate
        self._rate = rate
        space = options.space
        self._plugin = (
            PluginPlayer(options.plugin, ParameterSpace.from_dict(space), rate) if options.plugin else None
        )
        self._pool = RendererPool(space, rate) if self._plugin is None else None
        self._rendered = Player(rate, len(self._pool.pipes) if self._pool else 1)  # unless a plug-in plays
        self._player: Player | PluginPlayer = self._plugin or self._rendered
        self._stream = SharedStream(self._player.fill, rate)
        self._server = StreamServer(self._stream)

    def run(self) -> None:
        """Work until whoever started it ends, or tells it to."""
        if self._speaker is not None:
            self._speaker.start(self._stream.join())
        try:
            with contextlib.suppress(EOFError, OSError):
                while self._turn():
                    pass
        finally:
            self._server.close()
            if self._speaker is not None:
                self._speaker.close()
            if self._pool is not None:
                self._pool.close()

    def _turn(self) -> bool:
        """Do what is to be done; return whether to go on."""
        pipes = [self._pipe, *(self._pool.pipes if self._pool is not None else ())]
        for ready in wait(pipes, _REST_S):
            if ready is self._pipe:
                while self._pipe.poll():
                    order = self._pipe.recv()
                    if order is QUIT:
                        return False
                    self._carry_out(order)
            elif (
                self._pool is not None and isinstance(ready, Connection) and isinstance(self._player, Player)
            ):
                self._text = self._pool.receive(ready, self._player, self._stream.lock) or self._text
        if self._pool is not None and isinstance(self._player, Player) and self._stream.is_heard:
            with self._stream.lock:
                self._pool.dispatch(self._player, time.monotonic())
        self._report()
        return True

    def _carry_out(self, order: Order) -> None:
        player = self._player
        if isinstance(order, AddSpace):
            self._add_space(order)
            return
        with self._stream.lock:
            match order:
                case Press(key, velocity):
                    if self._stream.is_heard:  # else it would never go on
                        player.press(key, velocity)
                case Release(source, note):
                    player.release(source, note)
                case Pedal(source, on):
                    player.pedal(source, on)
                case Bend(source, semitones):
                    player.bend(source, semitones)
                case Leave(source):
                    player.leave(source)
                case Panic():
                    player.panic()
                case SetVolume(volume):
                    player.master.set_volume(volume)
                case SetPatch(instrument, patch, space):
                    player.set_patch(instrument, patch, space)
                case _:
                    assert_never(order)

    def _add_space(self, added: AddSpace) -> None:
        if self._plugin is not None:
            with self._stream.lock:
                self._plugin.add_space(added.number, ParameterSpace.from_dict(added.space))
        if self._pool is not None:
            self._text = ""
            self._pool.add_space(added.number, added.space)

    def _report(self) -> None:
        """Send how the sound is: at once where that decides what can be played, else at a pace."""
        ready = self._pool is None or self._pool.is_ready
        failed = self._pool is not None and not self._pool.pipes
        report = SoundReport(
            state="failed" if failed else "on" if ready else "starting",
            text=self._text,
            n_voices=self._player.n_voices,
            n_gaps=0 if self._speaker is None else self._speaker.n_gaps,
            n_late=self._player.n_late,
            n_stolen=self._player.n_stolen,
            port=self._server.port,
            token=self._server.token,
            sample_rate=self._rate,
        )
        now = time.monotonic()
        urgent = (report.state, report.text) != (self._told.state, self._told.text)
        pace = _BEAT_S if report == self._told else _REPORT_EVERY_S
        if urgent or now - self._told_at >= pace:
            self._told, self._told_at = report, now
            self._pipe.send(report)


def _open_speaker() -> "Speaker":
    from sounding.speaker import Speaker  # loads PortAudio

    return Speaker()


def run_sound(pipe: Connection, options: SoundOptions) -> None:
    """Run the sound process; the first thing that a new process does."""
    import signal

    for name in ("SIGINT", "SIGBREAK"):  # whoever started it tells it when to end
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    sys.setswitchinterval(_SWITCH_S)
    try:
        SoundProcess(pipe, options).run()
    except BridgeError as error:
        with contextlib.suppress(EOFError, OSError):
            pipe.send(SoundReport(state="failed", text=str(error)))
            while pipe.recv() is not QUIT:  # what else comes cannot be played
                pass

"""Frames to a synth that understands MIDI: a thread that sends, so that the loop never waits for a cable."""

import logging
import threading
from collections.abc import Callable
from time import perf_counter, sleep

import numpy as np
import rtmidi

from core.errors import DeviceError
from core.space import ParameterSpace
from synths.external.control_changes import PendingChanges, Spelling
from synths.external.midi_system import device_name, open_output

__all__ = ["FrameOutput"]

logger = logging.getLogger(__name__)

_CHECK_S = 1.0
_SETTLED_S = 0.2  # a patch that has rested this long is sent once more
_N_RESENDS = 4  # after a synth came back: it may still be starting, and forget what it is sent
_BATCH = 64  # parameters sent before the newest patch is fetched again, where the port sets no pace


class FrameOutput:
    """Sends what has changed in each frame.

    Args:
        wanted: As for `open_output`.
        spelling: How values are sent.
        channel: MIDI channel, 1 to 16.
        bytes_per_s: What the cable carries; None where there is no cable.
        system: MIDI system, or None for the first that works.
        sent: Called with each message before it is sent, in the sending thread.
        audible: Returns how much each parameter of a space is heard, `(P,)`; called in the sending thread.

    Raises:
        DeviceError: As `open_output`.
    """

    def __init__(
        self,
        wanted: str,
        spelling: Spelling = "cc",
        channel: int = 1,
        bytes_per_s: float | None = None,
        system: str | None = None,
        audible: Callable[[ParameterSpace], np.ndarray] | None = None,
        sent: Callable[[bytes], None] = lambda message: None,
    ) -> None:
        self._wanted, self._audible, self._sent = wanted, audible, sent
        self._spelling: Spelling = spelling
        self._channel = channel
        self._s_per_byte = 0.0 if bytes_per_s is None else 1.0 / bytes_per_s
        self._port, self._name = open_output(wanted, system)
        self._is_gone = False
        self._n_resends = 0
        self._changes: PendingChanges | None = None  # used by the thread only, like its space
        self._space: ParameterSpace | None = None
        self._sent_at = 0.0
        self._newest: tuple[ParameterSpace, np.ndarray] | None = None
        self._condition = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="midi out", daemon=True)
        self._thread.start()

    @property
    def port(self) -> str | None:
        """Name of the port in the system's list; None for one that was made here."""
        return self._name

    def frame(self, space: ParameterSpace, patch: np.ndarray) -> None:
        """Send the newest patch `(P,)` of a space; this returns at once."""
        newest = space, patch.copy()
        with self._condition:
            self._newest = newest
            self._condition.notify()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Send what waits, if that takes no longer than this, and close the port."""
        with self._condition:
            self._stopping = True
            self._condition.notify()
        self._thread.join(timeout_s)
        self._port.close_port()
        self._port.delete()

    def _run(self) -> None:
        checked_at = perf_counter()
        while True:
            with self._condition:
                if not self._stopping and self._newest is None and not self._changes:
                    self._condition.wait(self._rest_s())
                newest, self._newest = self._newest, None
                stopping = self._stopping
            if newest is not None:
                self._want(*newest)
            if stopping and not self._changes:
                return
            try:
                if self._changes is not None:
                    self._send(self._due(self._changes, 1 if self._s_per_byte else _BATCH))
                if perf_counter() - checked_at >= _CHECK_S:
                    checked_at = perf_counter()
                    self._check_port()
            except (rtmidi.RtMidiError, DeviceError) as error:
                logger.warning("%s: %s", self._wanted, error)

    def _want(self, space: ParameterSpace, patch: np.ndarray) -> None:
        if self._changes is None or space is not self._space:
            audible = None if self._audible is None else self._audible(space)
            self._changes = PendingChanges(space, self._spelling, self._channel, audible)
            self._space = space
        self._changes.want(patch)

    def _rest_s(self) -> float:
        if self._changes is None or not self._changes.unsure:
            return _CHECK_S
        return max(0.0, self._sent_at + _SETTLED_S - perf_counter())

    def _due(self, changes: PendingChanges, n: int) -> list[bytes]:
        """Return the messages of up to n parameters: what changed or, at rest, what is sent once more."""
        messages = changes.next(n)
        now = perf_counter()
        if messages:
            self._sent_at = now
        elif now - self._sent_at >= _SETTLED_S:
            return changes.repeat(n)
        return messages

    def _send(self, messages: list[bytes]) -> None:
        due = perf_counter()
        for message in messages:
            self._sent(message)
            self._port.send_message(message)
            due += len(message) * self._s_per_byte
        if (left := due - perf_counter()) > 0.0:
            sleep(left)

    def _check_port(self) -> None:
        """Open the port again once it is back, and send everything to it."""
        if self._name is None:
            return
        names = self._port.get_ports()
        if self._name in names and not self._is_gone:
            if self._n_resends:
                self._n_resends -= 1
                self._resend_all()
            return
        again = [name for name in names if device_name(name) == device_name(self._name)]
        self._is_gone = not again
        if self._is_gone:
            return
        self._port.close_port()
        self._port.open_port(names.index(again[0]), "out")
        self._name = again[0]
        self._n_resends = _N_RESENDS
        self._resend_all()

    def _resend_all(self) -> None:
        if self._changes is not None:
            self._changes.forget()

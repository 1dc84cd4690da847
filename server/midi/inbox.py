"""What ports report, each from its own thread, kept in order until the loop collects it."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from calibration.trim import Trim, read_trims
from server.midi.codec.control import ControlEvent
from server.midi.feedback.feedback_schedule import FeedbackSender
from server.midi.profiles.profile import Profile, profile_path, read_profile

__all__ = ["Inbox", "PluggedIn", "ProfileChanged", "Report", "Told", "Unplugged"]

logger = logging.getLogger(__name__)

_Version = tuple[int, int] | None  # time of the last change in ns, and size; None: there is no file
_MAX_WAITING = 8_192  # reports; the oldest are dropped if the loop ever stops for seconds


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """A controller was plugged in.

    Attributes:
        profile: As its file has it.
        trims: What was measured of its controls, by name.
    """

    profile: Profile
    trims: dict[str, Trim]


@dataclass(frozen=True, slots=True)
class Unplugged:
    """A controller was unplugged."""


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """The file of a controller that is plugged in has changed."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class Told:
    """A text for the players."""

    text: str


# Bytes are one MIDI message.
Report = PluggedIn | Unplugged | ProfileChanged | Told | bytes | list[ControlEvent]


class Inbox:
    """Collects the reports of the ports, from any thread.

    Args:
        folder: Where the profiles are.
        wake: Makes the loop look; called from the ports' threads.
        sender: Notified of controllers, so that it can send to them; None for no feedback.
    """

    def __init__(self, folder: Path, wake: Callable[[], None], sender: FeedbackSender | None) -> None:
        self._folder = folder
        self._wake = wake
        self._sender = sender
        self._waiting: deque[tuple[str, Report]] = deque(maxlen=_MAX_WAITING)
        self._versions: dict[str, _Version] = {}  # of the files that were read, by controller that is there
        self._reading = threading.Lock()

    def plugged_in(self, device: str) -> None:
        """Report a controller that was plugged in; its profile is read here, where that delays nobody."""
        with self._reading:
            self._versions[device] = self._version(device)
            profile = self._read(device)
        if self._sender is not None:
            self._sender.plugged_in(device)
        self._put(device, PluggedIn(profile, read_trims(device, self._folder.parent / "calibration")))

    def received(self, device: str, message: bytes) -> None:
        """Report a MIDI message."""
        self._put(device, message)

    def look_at_profiles(self) -> None:
        """Report the profiles whose files have changed since they were read."""
        with self._reading:
            for device, before in list(self._versions.items()):
                now = self._version(device)
                if now != before:
                    self._versions[device] = now
                    self._put(device, ProfileChanged(self._read(device)))

    def _version(self, device: str) -> _Version:
        try:
            found = profile_path(self._folder, device).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self, device: str) -> Profile:
        profile = read_profile(self._folder, device)
        for problem in profile.problems:
            logger.warning("%s", problem)
        return profile

    def tell(self, text: str) -> None:
        """Pass on a text for the players."""
        logger.warning("%s", text)
        self._put("", Told(text))

    def unplugged(self, device: str) -> None:
        """Report a controller that was unplugged."""
        with self._reading:
            self._versions.pop(device, None)
        if self._sender is not None:
            self._sender.unplugged(device)
        self._put(device, Unplugged())

    def _put(self, device: str, report: Report) -> None:
        self._waiting.append((device, report))
        self._wake()

    def put_events(self, device: str, events: list[ControlEvent]) -> None:
        """Add events that the loop itself has received; it is awake already."""
        self._waiting.append((device, events))

    def __len__(self) -> int:
        """Return how many reports wait."""
        return len(self._waiting)

    def drain(self) -> Iterator[tuple[str, Report]]:
        """Remove and yield each report with the name of its controller, in order of arrival."""
        while self._waiting:
            yield self._waiting.popleft()

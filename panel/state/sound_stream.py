"""The instrument as the panel's browsers play it together: keys by browser, and where the sound is heard."""

import asyncio

from core.errors import DeviceError
from panel.osc.link import Link
from panel.osc.messages import Stream

__all__ = ["SoundStream"]

_PATIENCE_S = 30.0  # the engine starts several times over, on a machine that may be busy


class SoundStream:
    """Plays notes for browsers, which are one client to the server, and finds out where it sounds.

    Args:
        link: To the server.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._waiting: list[asyncio.Future[Stream]] = []
        self._holding: dict[int, set[int]] = {}  # browsers by the note that they hold

    def note(self, browser: int, note: int, velocity: int) -> None:
        """Press a key, or with velocity 0 let it go: it goes up when no other browser holds it.

        Args:
            browser: Its number.
            note: MIDI, 0 to 127.
            velocity: MIDI, 0 to 127.
        """
        holding = self._holding.setdefault(note, set())
        if velocity > 0:
            holding.add(browser)
        else:
            holding.discard(browser)
        if velocity > 0 or not holding:
            self._link.send("/flow/note", note, velocity)

    def leave(self, browser: int) -> None:
        """Release all keys that a browser holds."""
        for note, holding in self._holding.items():
            if browser in holding:
                self.note(browser, note, 0)

    async def find(self) -> Stream:
        """Return where the sound is heard, once it is; the server starts it, if need be.

        Raises:
            DeviceError: There is none.
        """
        if self._link.server[0] not in ("127.0.0.1", "localhost"):
            raise DeviceError(
                "The sound is heard in a panel on the server's own computer. Start the panel there."
            )
        found: asyncio.Future[Stream] = asyncio.get_running_loop().create_future()
        self._waiting.append(found)
        self._link.send("/flow/sound/listen")
        try:
            return await asyncio.wait_for(found, _PATIENCE_S)
        except TimeoutError as error:
            raise DeviceError("The sound does not start. Is the server there?") from error
        finally:
            self._waiting.remove(found)

    def found(self, stream: Stream) -> None:
        """Note where the sound is heard."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(stream)

    def refused(self, text: str) -> None:
        """Note that there is no sound, and why."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_exception(DeviceError(text))

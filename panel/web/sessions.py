"""What a browser shows once it is let in: a cookie of its own, not the token. And what opens a page once."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

__all__ = ["Sessions"]

_LASTS_S = 30 * 86_400  # of a cookie; renewed while it is used
_RENEWED_S = 86_400
_ONCE_S = 120.0  # a browser that has to start first takes its time
_MOST_ONCE = 8


class Sessions:
    """Makes and checks cookies. They hold after a restart, and until the token is another.

    A browser sends a cookie to every port of this computer, so it must be worth less than the token: it ends,
    opens no other panel, and is no address.

    Args:
        token: Of the panel.
        port: That the panel listens on.
        clock: Seconds since 1970.
    """

    def __init__(self, token: str, port: int, clock: Callable[[], float] = time.time) -> None:
        self._key = hmac.digest(token.encode(), f"flow panel {port}".encode(), "sha256")
        self._clock = clock
        self._once: dict[str, float] = {}  # until when each may be used; oldest first

    def cookie(self) -> tuple[str, int]:
        """Return a new cookie, and for how many seconds it holds."""
        text = f"{secrets.token_urlsafe(12)}.{int(self._clock()) + _LASTS_S}"
        return f"{text}.{self._sign(text)}", _LASTS_S

    def left_s(self, cookie: str) -> float:
        """Return for how many seconds a cookie still holds; 0 if it does not."""
        text, _, signature = cookie.rpartition(".")
        until = text.rpartition(".")[2]
        is_ours = hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(text).encode())
        return max(0.0, int(until) - self._clock()) if is_ours and until.isdecimal() else 0.0

    def is_worn(self, cookie: str) -> bool:
        """Whether a cookie that holds is to be renewed."""
        return self.left_s(cookie) < _LASTS_S - _RENEWED_S

    def open_once(self) -> str:
        """Return what opens the page once, within two minutes: others can read the command that opens it."""
        once = secrets.token_urlsafe(24)
        self._once[once] = self._clock() + _ONCE_S
        while len(self._once) > _MOST_ONCE:
            del self._once[next(iter(self._once))]
        return once

    def redeem(self, once: str) -> bool:
        """Whether this opens the page; it does not again."""
        return self._once.pop(once, 0.0) > self._clock()

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

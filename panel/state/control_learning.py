"""Learning a control: which macro waits for one."""

from panel.osc.link import Link

__all__ = ["ControlLearning"]


class ControlLearning:
    """The macro that waits for a control, for all pages.

    Args:
        link: To the server.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._mirror = link.mirror

    @property
    def macro(self) -> int:
        """The macro that waits, of the instrument that the page shows; -1 for none."""
        k, instrument = self._mirror.learning
        return k if instrument in ("", self._mirror.focus) else -1

    def learn(self, k: int, *, only_here: bool) -> None:
        """Start learning a control for macro k: of the instrument that is shown, or of whichever will be."""
        instrument = [self._mirror.focus] if only_here and self._mirror.focus else []
        self._link.send("/flow/learn", k, *instrument)

    def unlearn(self, k: int) -> None:
        """Unbind macro k from its controls, and stop waiting for one."""
        self._link.send("/flow/unlearn", k)

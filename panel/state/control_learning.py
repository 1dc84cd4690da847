"""Learning controls: what waits for one, and what is bound to a command."""

from panel.osc.link import Link
from panel.osc.messages import CommandBinding

__all__ = ["ControlLearning"]


class ControlLearning:
    """The macro that waits for a control, for all pages.

    Attributes:
        has_learned: Whether anything was to be learned since the panel started.

    Args:
        link: To the server.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._mirror = link.mirror
        self.has_learned = False

    @property
    def macro(self) -> int:
        """The macro that waits, of the instrument that the page shows; -1 for none."""
        k, instrument = self._mirror.learning
        return k if instrument in ("", self._mirror.focus) else -1

    @property
    def waits(self) -> bool:
        """Whether anything waits for a control."""
        return self._mirror.learning[0] >= 0 or bool(self._mirror.learning_command)

    def learn(self, k: int, *, only_here: bool) -> None:
        """Start learning a control for macro k: of the instrument that is shown, or of whichever will be."""
        self.has_learned = True
        self._link.send("/flow/learn", k, *self._instrument(only_here))

    def learn_all(self, *, only_here: bool) -> None:
        """Start learning a control for one macro after the other."""
        self.has_learned = True
        self._link.send("/flow/learn/all", *self._instrument(only_here))

    def learn_command(self, command: str, *, only_here: bool) -> None:
        """Start learning a button, pad or pedal for a command."""
        self.has_learned = True
        self._link.send("/flow/learn/command", command, *self._instrument(only_here))

    def other(self) -> None:
        """Have another control learned than the one that was taken."""
        self._link.send("/flow/learn/other")

    def take(self, j: int) -> None:
        """Bind the control that is heard as number j."""
        self._link.send("/flow/learn/take", j)

    def skip(self) -> None:
        """Go on with the next macro."""
        self._link.send("/flow/learn/skip")

    def stop(self) -> None:
        """Wait for no control any more."""
        self._link.send("/flow/learn/stop")

    def unlearn(self, k: int) -> None:
        """Unbind macro k from its controls, and stop waiting for one."""
        self._link.send("/flow/unlearn", k)

    def bind(self, what: str, control: str, controller: str, *, only_here: bool) -> None:
        """Bind a control by name."""
        self._link.send("/flow/bind", what, control, controller, *self._instrument(only_here))

    def unbind(self, command: CommandBinding) -> None:
        """Unbind what gives a command, of its instrument."""
        instrument = [command.instrument] if command.instrument else []
        self._link.send("/flow/unbind", command.command, *instrument)

    def _instrument(self, only_here: bool) -> list[str]:
        return [self._mirror.focus] if only_here and self._mirror.focus else []

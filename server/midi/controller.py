"""One controller that is plugged in: how its messages are read, its bindings at work, its feedback."""

from collections.abc import Iterable, Mapping

from calibration.trim import Trim
from server.midi.bindings.active_binding import ActiveBinding
from server.midi.bindings.binding import Binding
from server.midi.codec.control import ANY_CHANNEL, Control
from server.midi.codec.decoder import Decoder
from server.midi.codec.mpe import MpeNotes
from server.midi.feedback.controller_feedback import ControllerFeedback
from server.midi.profiles.profile import Profile

__all__ = ["Controller"]


class Controller:
    """One controller that is plugged in.

    Args:
        profile: What its controls do.
        trims: What was measured of them, by name; see `calibration.controller`.
        known: Bindings of the same controller before it was unplugged.
    """

    def __init__(
        self,
        profile: Profile,
        trims: Mapping[str, Trim] | None = None,
        known: Iterable[ActiveBinding] = (),
    ) -> None:
        self._trims = trims or {}
        self.mpe = MpeNotes()
        self.decoder = Decoder(self.mpe.configure)
        self.feedback = ControllerFeedback()
        self.active_bindings: list[ActiveBinding] = list(known)
        self.set_profile(profile)

    def set_profile(self, profile: Profile) -> None:
        """Replace the bindings; the positions of the controls are still known, what its rings show is not."""
        known = {active.binding: active for active in self.active_bindings}
        self.profile = profile
        self.active_bindings = []
        self._by_control: dict[Control, list[ActiveBinding]] = {}
        for binding in profile.bindings:
            active = known.get(binding) or ActiveBinding(binding, self._trim(binding.control))
            self.active_bindings.append(active)
            self._by_control.setdefault(binding.control, []).append(active)
        self.feedback.set_bindings(self.active_bindings)

    def _trim(self, control: Control) -> Trim | None:
        """Return what was measured of a control; of one on any channel, on whichever it was measured."""
        if control.kind not in ("cc", "pitch", "pressure"):
            return None
        name = f"cc {control.number}" if control.kind == "cc" else control.kind
        channels = [control.channel] if control.channel != ANY_CHANNEL else range(1, 17)
        found = (self._trims.get(f"{name} channel {channel}") for channel in channels)
        return next((trim for trim in found if trim is not None), None)

    def stands_at(self, binding: Binding, raw: float) -> None:
        """Note where the control of a binding is."""
        for active in self.active_bindings:
            if active.binding == binding:
                active.stands_at(raw)

    def bindings_of(self, control: Control) -> list[ActiveBinding]:
        """Return the bindings of a control, those of its channel first."""
        return [active for key in control.keys() for active in self._by_control.get(key, ())]

"""What messages about sketches change in the panel's picture of the server."""

from typing import TYPE_CHECKING

from panel.osc.gestures import ReceivedGestures
from panel.osc.messages import Candidate, Microphone, Topic
from server.osc.addresses import Value

if TYPE_CHECKING:
    from panel.osc.mirror import Mirror

__all__ = ["receive_sketch"]


def receive_sketch(mirror: "Mirror", address: str, values: list[Value]) -> Topic | None:
    """Update what a mirror knows of sketches, and return what has changed."""
    match address:
        case "sketch/state":
            state = str(values[0])
            if state != mirror.sketch_state and state in ("recording", "hearing"):
                mirror.candidates, mirror.pitch = {}, None  # a new sketch begins
            mirror.sketch_state, mirror.sketch_progress = state, float(values[1])
            return "sketch"
        case "sketch/candidate":
            k, closeness, label = values
            mirror.candidates[int(k)] = Candidate(float(closeness), str(label))
            return "sketch"
        case "sketch/candidates":  # of this instrument, or of another that has the focus; the rest follows
            mirror.candidates, mirror.pitch = {}, None
            return "another_sketch"
        case "sketch/following":
            mirror.following = bool(values[0])
            return "following"
        case "sketch/gestures":
            mirror.gestures = ReceivedGestures(on=bool(values[0]))
            mirror.revision += 1  # another sound
            return "gestures"
        case "sketch/gesture":
            mirror.gestures = mirror.gestures.having(values)
            mirror.revision += 1
            return "gestures"
        case "sketch/microphone":
            k, n, name, n_inputs, chosen = values
            mirror.microphones = {j: m for j, m in mirror.microphones.items() if j < int(n)}
            mirror.microphones[int(k)] = Microphone(str(name), int(n_inputs), int(chosen))
            return "microphones"
        case "sketch/take":
            mirror.exported_take = str(values[0])
            return "exported_take"
    return None

"""What the server has said of sketches. No socket."""

from dataclasses import dataclass, field

from panel.osc.gestures import ReceivedGestures
from panel.osc.messages import Candidate, Microphone, Topic
from server.osc.addresses import Value

__all__ = ["SketchMirror"]


@dataclass
class SketchMirror:
    """What the server has said of sketches.

    Attributes:
        revision: Grows with whatever changes the sound.
        sketch_state, sketch_progress, candidates, pitch: See `/flow/sketch/...`.
        following: Whether the server follows the voice at its microphone.
        gestures: Of the sound, and whether they are played.
        microphones: Those of the server, by index, once they were asked for.
        exported_take: Name of the file that holds the sketch's sound for a moment.
    """

    revision: int = 0
    sketch_state: str = "idle"
    sketch_progress: float = 0.0
    candidates: dict[int, Candidate] = field(default_factory=dict)
    pitch: tuple[int, float] | None = None
    following: bool = False
    gestures: ReceivedGestures = field(default_factory=ReceivedGestures)
    microphones: dict[int, Microphone] = field(default_factory=dict)
    exported_take: str = ""

    def receive_sketch(self, address: str, values: list[Value]) -> Topic | None:
        """Read a message about sketches, and return what it has changed."""
        match address:
            case "sketch/state":
                state = str(values[0])
                if state != self.sketch_state and state in ("recording", "hearing"):
                    self.candidates, self.pitch = {}, None  # a new sketch begins
                self.sketch_state, self.sketch_progress = state, float(values[1])
                return "sketch"
            case "sketch/candidate":
                k, closeness, label = values
                self.candidates[int(k)] = Candidate(float(closeness), str(label))
                return "sketch"
            case (
                "sketch/candidates"
            ):  # of this instrument, or of another that has the focus; the rest follows
                self.candidates, self.pitch = {}, None
                return "another_sketch"
            case "sketch/following":
                self.following = bool(values[0])
                return "following"
            case "sketch/gestures":
                self.gestures = ReceivedGestures(on=bool(values[0]))
                self.revision += 1  # another sound
                return "gestures"
            case "sketch/gesture":
                self.gestures = self.gestures.having(values)
                self.revision += 1
                return "gestures"
            case "sketch/microphone":
                k, n, name, n_inputs, chosen = values
                self.microphones = {j: m for j, m in self.microphones.items() if j < int(n)}
                self.microphones[int(k)] = Microphone(str(name), int(n_inputs), int(chosen))
                return "microphones"
            case "sketch/take":
                self.exported_take = str(values[0])
                return "exported_take"
        return None

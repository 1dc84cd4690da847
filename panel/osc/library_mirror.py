"""What the server has said about people's own presets. No socket."""

from dataclasses import dataclass, field

from panel.osc.messages import LibraryPreset, LibraryState, Topic
from server.osc.addresses import Value

__all__ = ["LibraryMirror"]

_MAX_PRESETS = 20_000


@dataclass
class LibraryMirror:
    """People's own presets, as far as the server has listed them.

    Attributes:
        library_state: How far the hearing is.
        library: By index in the list of all.
        n_library: How many there are.
        library_revision: Grows with each that is told.
        alike_of: The preset whose neighbours were asked for last; empty for none.
        alike: Those that sound like it, by index: name and distance in dB.
    """

    library_state: LibraryState = LibraryState()
    library: dict[int, LibraryPreset] = field(default_factory=dict)
    n_library: int = 0
    library_revision: int = 0
    alike_of: str = ""
    alike: dict[int, tuple[str, float]] = field(default_factory=dict)

    def receive_library(self, address: str, values: list[Value]) -> Topic | None:
        """Update the state from a message of the server; see `Mirror.receive`."""
        match address:
            case "library/state":
                self.library_state = LibraryState(*values)  # type: ignore[arg-type]  # checked by the table
                return "library_state"
            case "library/preset":
                k, n, name, author, style, x, y, repeat_db = values
                self.n_library = min(int(n), _MAX_PRESETS)
                self.library_revision += 1
                self.library = {j: one for j, one in self.library.items() if j < self.n_library}
                if int(k) < self.n_library:
                    self.library[int(k)] = LibraryPreset(
                        str(name), str(author), str(style), float(x), float(y), float(repeat_db)
                    )
                return "library"
            case "library/like":
                k, n, of, name, distance_db = values
                if of != self.alike_of or int(k) == 0:
                    self.alike_of, self.alike = str(of), {}
                if int(k) < int(n):
                    self.alike[int(k)] = str(name), float(distance_db)
                return "alike" if len(self.alike) == int(n) else None
        return None

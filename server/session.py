"""What stays the same while the server runs, and the welcome that says so."""

from dataclasses import dataclass
from pathlib import Path

from server.instrument.loaded_model import LoadedModel
from server.osc.addresses import VERSION
from server.osc.builder import osc_message
from server.osc.clients import Client
from server.osc.guard import MAX_TEXT
from server.osc.hosts.ports import Endpoint
from synths.catalog import facts_of

__all__ = ["Session"]


@dataclass(frozen=True, kw_only=True)
class Session:
    """What stays the same while the server runs.

    Attributes:
        run: Number of this start; another one tells a client that the server restarted.
        own: Address of the server's socket.
        reply_port: Where answers go to a sender that never said hello.
        sketches: Folder named in welcome.
        allowed: What programs on other machines may do besides playing: words of `--allow-remote`.
    """

    run: int
    own: Endpoint
    reply_port: int
    sketches: Path
    allowed: frozenset[str] = frozenset()

    def welcome(self, client: Client, linked: str, loaded: LoadedModel) -> bytes:
        """Return the `/flow/welcome` of a client that said hello, in the protocol that it speaks.

        Args:
            client: It.
            linked: Identity of another's instrument, if it plays that.
            loaded: The model of the instrument that it hears.
        """
        sizes, space = loaded.sizes, loaded.model.space
        folder = self.sketches.as_posix()
        return osc_message(
            "/flow/welcome",
            client.nonce,
            self.run,
            client.protocol,
            VERSION,
            loaded.model.name,
            facts_of(space).called,
            sizes.n_macros,
            sizes.n_latent,
            sizes.n_parameters,
            folder if len(folder.encode("utf-8", "replace")) <= MAX_TEXT else "",  # a part is another folder
            *((client.instrument, linked) if client.protocol > 1 else ()),
        )

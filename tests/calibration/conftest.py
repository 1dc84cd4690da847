"""A controller through JACK, and models to turn with it; as the server's tests have them."""

from tests.server.conftest import models, tiny
from tests.server.midi.conftest import jack, rig

__all__ = ["jack", "models", "rig", "tiny"]

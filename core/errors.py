"""Errors a user can put right, in one tree.

BridgeError            anything a user can put right: one line, no traceback
  ConfigError            a flag or a YAML file is wrong
  PatchError             values do not fit the synth's parameters (also a ValueError)
  RenderError            the engine is missing, failed or stayed silent
  CheckpointError        weights are missing, or belong to other parameters
  DeviceError            no such audio or MIDI device, or it is busy
  ProtocolError          an OSC message does not match the table of messages
  SoundError             a sound file is damaged, silent or of an unknown format

Each message says what to do. What is not a `BridgeError` is our bug and keeps its traceback.
"""

__all__ = [
    "BridgeError",
    "CheckpointError",
    "ConfigError",
    "DeviceError",
    "PatchError",
    "ProtocolError",
    "RenderError",
    "SoundError",
]


class BridgeError(Exception):
    """Anything a user can put right."""


class ConfigError(BridgeError):
    """A flag or a YAML file is wrong."""


class PatchError(BridgeError, ValueError):
    """Values do not fit the synth's parameters."""


class RenderError(BridgeError):
    """The engine is missing, failed or stayed silent."""


class CheckpointError(BridgeError):
    """Weights are missing, damaged, or belong to other parameters."""


class DeviceError(BridgeError):
    """No such audio or MIDI device, or it is busy."""


class ProtocolError(BridgeError):
    """An OSC message does not match the table of messages."""


class SoundError(BridgeError):
    """A sound file is damaged, silent or of an unknown format."""

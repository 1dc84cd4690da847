"""Write a preset for ZynAddSubFX whose sixteen slots turn something.

ZynAddSubFX shows a host sixteen slots and nothing else. Each turns what it is bound to, and none is bound
until somebody does that in its window, or a preset brings it along. This one binds them to what a sound
designer would reach for, over a patch of two oscillators whose sound they can change much.

    python -m synths.discover.zynaddsubfx --out zyn.fxb
    python -m training.build --plugin /usr/lib/vst/ZynAddSubFX.so --preset zyn.fxb --minutes 180
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from core.atomic_file import write_atomically
from core.command import exit_status, log_to_terminal, print_line
from core.errors import ConfigError, RenderError
from synths.plugin import find_plugin
from synths.vst2 import Vst2Host

__all__ = ["SLOTS", "Slot", "bound_preset"]


class Slot(NamedTuple):
    """What a slot turns: its name for people, its address in the synth, and where it starts, 0 to 1."""

    name: str
    address: str
    start: float


_ADD = "/part0/kit0/adpars"
_ALL, _FIRST, _SECOND = f"{_ADD}/GlobalPar", f"{_ADD}/VoicePar0", f"{_ADD}/VoicePar1"
SLOTS = (
    Slot("Filter Cutoff", f"{_ALL}/GlobalFilter/basefreq", 0.75),
    Slot("Filter Resonance", f"{_ALL}/GlobalFilter/baseq", 0.3),
    Slot("Filter Envelope Start", f"{_ALL}/FilterEnvelope/PA_val", 0.5),
    Slot("Filter Envelope Time", f"{_ALL}/FilterEnvelope/PD_dt", 0.5),
    Slot("Filter LFO Depth", f"{_ALL}/FilterLfo/Pintensity", 0.0),
    Slot("Filter LFO Speed", f"{_ALL}/FilterLfo/freq", 0.5),
    Slot("Attack", f"{_ALL}/AmpEnvelope/PA_dt", 0.0),
    Slot("Decay", f"{_ALL}/AmpEnvelope/PD_dt", 0.4),
    Slot("Sustain", f"{_ALL}/AmpEnvelope/PS_val", 1.0),
    Slot("Release", f"{_ALL}/AmpEnvelope/PR_dt", 0.2),
    Slot("Tremolo Depth", f"{_ALL}/AmpLfo/Pintensity", 0.0),
    Slot("Wave Shape", f"{_FIRST}/OscilSmp/Pbasefuncpar", 0.5),
    Slot("Drive", f"{_FIRST}/OscilSmp/Pwaveshaping", 0.5),
    Slot("Detune", f"{_FIRST}/Unison_frequency_spread", 0.3),
    Slot("Oscillator 2 Level", f"{_SECOND}/PVolume", 0.0),
    Slot("Volume", "/part0/Pvolume", 0.75),
)

_SAWTOOTH, _PULSE = 3, 2  # functions of an oscillator, as the synth counts them
_ARCTANGENT = 1  # of a wave shaper; the middle of its knob is none
_OCTAVE_DOWN = 15 * 1024  # octave and steps in one number
_START = {
    "base_function": _SAWTOOTH,
    "wave_shaping_function": _ARCTANGENT,
    "unison_size": 2,  # more are drawn anew for each note
    "unison_phase_randomness": 0,
    "unison_vibratto": 0,
}
_SECOND_START = {"base_function": _PULSE, "unison_size": 1, "coarse_detune": _OCTAVE_DOWN}
_XML, _XML_AS_READ = '<?xml version="1.0f" encoding="UTF-8"?>', '<?xml version="1.0" encoding="UTF-8"?>'
_DOCTYPE = "<!DOCTYPE ZynAddSubFX-data>"
# Where an `.fxb` has its size and that of the chunk in it, big endian; a size of 0 is as good as any.
_SIZE_AT, _CHUNK_SIZE_AT = 4, 156


def bound_preset(state: bytes, slots: Sequence[Slot] = SLOTS) -> bytes:
    """Return a state of the synth in which slots are bound, and that sounds like much.

    Args:
        state: As a host saves it, an `.fxb`.
        slots: At most sixteen.

    Raises:
        ConfigError: The state is none of this synth's.
    """
    begin = state.find(_XML.encode())
    end = state.find(b"\0", begin)
    if begin < 0 or end < 0:
        raise ConfigError("this is no state of ZynAddSubFX.")
    read = ElementTree.fromstring(state[begin:end].decode().replace(_XML, _XML_AS_READ))
    _bind(_child(read, "MASTER/automation"), slots)
    _enrich(_child(read, "MASTER/PART[@id='0']//ADD_SYNTH_PARAMETERS"))
    written = ElementTree.tostring(read, encoding="unicode")
    starts = "".join(f"slot{k}\0{slot.start:g}\0" for k, slot in enumerate(slots, 1))
    chunk = f"{_XML}\n{_DOCTYPE}\n{written}\n\0\0{starts}\0".encode()
    head = bytearray(state[:begin])
    before = int.from_bytes(head[_CHUNK_SIZE_AT : _CHUNK_SIZE_AT + 4], "big")
    size = before + begin + len(chunk) - len(state)
    head[_CHUNK_SIZE_AT : _CHUNK_SIZE_AT + 4] = size.to_bytes(4, "big")
    head[_SIZE_AT : _SIZE_AT + 4] = bytes(4)
    return bytes(head) + chunk


def _bind(automation: ElementTree.Element, slots: Sequence[Slot]) -> None:
    for k, slot in enumerate(slots):
        bound = ElementTree.SubElement(automation, "slot", id=str(k))
        ElementTree.SubElement(bound, "params", {"midi-cc": "-1"})
        one = ElementTree.SubElement(bound, "automation", id="0")
        ElementTree.SubElement(one, "params", path=slot.address)
        ElementTree.SubElement(one, "mapping", gain="100", offset="0")


def _enrich(synth: ElementTree.Element) -> None:
    """Set the first two oscillators to waves that the slots can change."""
    first, second = (_child(synth, f"VOICE[@id='{k}']") for k in range(2))
    _set(first, _START)
    second[:] = list(deepcopy(first))
    _set(second, _SECOND_START)


def _set(within: ElementTree.Element, values: dict[str, int]) -> None:
    for name, value in values.items():
        _child(within, f".//par[@name='{name}']").set("value", str(value))


def _child(within: ElementTree.Element, path: str) -> ElementTree.Element:
    found = within.find(path)
    if found is None:
        raise ConfigError(f"this version of ZynAddSubFX keeps no {path} in its state; 3.0.6 does.")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    name = "python -m synths.discover.zynaddsubfx"
    p = argparse.ArgumentParser(prog=name, description=__doc__.split("\n")[0])
    p.add_argument("--plugin", default="ZynAddSubFX.so", help="its file or file name (%(default)s)")
    p.add_argument("--out", type=Path, required=True, help=".fxb file")
    given = p.parse_args(arguments)
    log_to_terminal(logging.INFO)
    return exit_status(partial(_write, given.plugin, given.out))


def _write(plugin: str, out: Path) -> None:
    if out.suffix != ".fxb":
        raise ConfigError(f"--out: {out.name} does not end with .fxb, by which hosts know such a preset.")
    try:
        path = find_plugin(plugin)
    except RenderError as error:
        raise ConfigError(f"{error} On Debian: sudo apt-get install zynaddsubfx-vst") from error
    write_atomically(out, bound_preset(Vst2Host(path, 44_100).state()))
    for k, slot in enumerate(SLOTS, 1):
        print_line(f"slot {k:2}  {slot.name}")


if __name__ == "__main__":
    sys.exit(main())

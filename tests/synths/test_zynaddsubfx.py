"""A preset that binds ZynAddSubFX's slots, as a text and in the synth itself."""

import numpy as np
import pytest

from core.errors import ConfigError, RenderError
from synths.discover.zynaddsubfx import SLOTS, bound_preset, main
from synths.engine import Note
from synths.plugin import find_plugin
from synths.vst2 import Vst2Engine

NOTE = Note(held_seconds=0.5, seconds=0.8)
VOICE = "".join(
    f'<par name="{name}" value="1" />'
    for name in (
        "base_function",
        "wave_shaping_function",
        "unison_size",
        "unison_phase_randomness",
        "unison_vibratto",
        "coarse_detune",
    )
)
STATE = (
    b"CcnK\0\0\0\0FBCh".ljust(160, b"\0")
    + f"""state\0
<?xml version="1.0f" encoding="UTF-8"?>
<!DOCTYPE ZynAddSubFX-data>
<ZynAddSubFX-data><MASTER><automation><mgr-info nslots="16" /></automation>
<PART id="0"><INSTRUMENT><ADD_SYNTH_PARAMETERS><VOICE id="0">{VOICE}</VOICE><VOICE id="1" />
</ADD_SYNTH_PARAMETERS></INSTRUMENT></PART></MASTER></ZynAddSubFX-data>
\0\0slot1\0000\0\0""".encode()
)


def test_every_slot_is_bound_and_starts_where_it_is_to():
    written = bound_preset(STATE)
    for k, slot in enumerate(SLOTS):
        assert f'<slot id="{k}">'.encode() in written and f'path="{slot.address}"'.encode() in written
        assert f"\0slot{k + 1}\0{slot.start:g}\0".encode() in written
    assert len({slot.address for slot in SLOTS}) == len({slot.name for slot in SLOTS}) == len(SLOTS) == 16
    size = int.from_bytes(written[156:160], "big")
    assert size == len(written) - len(STATE)  # the one that it had was 0


@pytest.mark.parametrize("state", [b"", b"CcnK", STATE.replace(b"automation", b"other"), STATE[:200]])
def test_what_is_no_state_of_the_synth_is_refused(state):
    with pytest.raises(ConfigError, match="ZynAddSubFX"):
        bound_preset(state)


def test_what_cannot_be_written_is_one_line(tmp_path, caplog):
    assert main(["--out", str(tmp_path / "zyn.txt")]) == 2
    assert main(["--plugin", "Missing.so", "--out", str(tmp_path / "zyn.fxb")]) == 2
    ending, missing = caplog.messages
    assert ".fxb" in ending and "apt-get install zynaddsubfx-vst" in missing


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    try:
        path = find_plugin("ZynAddSubFX.so")
    except RenderError:
        pytest.skip("sudo apt-get install zynaddsubfx-vst")
    out = tmp_path_factory.mktemp("été") / "zyn.fxb"
    assert main(["--out", str(out)]) == 0
    return Vst2Engine(path, state=out.read_bytes())


@pytest.mark.real
def test_the_synth_takes_it_and_every_note_is_the_same(engine):
    starts = [engine.defaults[f"Slot {k}"] for k in range(1, 17)]
    assert starts == pytest.approx([slot.start for slot in SLOTS])
    first, second = engine.render({}, NOTE), engine.render({}, NOTE)
    assert np.abs(first).max() > 1e-3 and np.abs(first - second).max() < 1e-3 * np.abs(first).max()


@pytest.mark.real
@pytest.mark.parametrize(
    "name", ["Filter Cutoff", "Attack", "Wave Shape", "Detune", "Oscillator 2 Level", "Volume"]
)
def test_a_slot_turns_what_it_is_called(engine, name):
    k = [slot.name for slot in SLOTS].index(name)
    before = engine.render({}, NOTE)
    moved = engine.render({f"Slot {k + 1}": 0.5 if SLOTS[k].start < 0.4 else 0.2}, NOTE)
    after, level = engine.render({}, NOTE), np.abs(before).max()
    assert np.abs(moved - before).max() > 0.05 * level > np.abs(after - before).max()

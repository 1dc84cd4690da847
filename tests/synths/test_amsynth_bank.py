import pytest

from core.errors import ConfigError
from synths.amsynth_bank import BankPreset, find_banks, read_bank, write_bank
from synths.amsynth_controls import controls, normalized_preset
from tests.support.needs import needs_amsynth

GOOD = """amSynth
<preset> <name> A b
<parameter> amp_attack 0.5
<preset> <name> C
<parameter> amp_decay 1
EOF
"""


@pytest.fixture
def bank(tmp_path):
    def write(text):
        path = tmp_path / "é bank.bank"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_presets_come_back_with_names_and_values(bank):
    first, second = read_bank(bank(GOOD))
    assert (first.name, first.bank, dict(first.values)) == ("A b", "é bank.bank", {"amp_attack": 0.5})
    assert (second.name, dict(second.values)) == ("C", {"amp_decay": 1.0})


def test_what_is_written_is_read(tmp_path):
    presets = [BankPreset("Über", "x.bank", {"amp_attack": 0.123456789, "filter_cutoff": -0.5})]
    write_bank(tmp_path / "x.bank", presets)
    assert read_bank(tmp_path / "x.bank") == presets


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not an amsynth bank"),
        ("hello\n", "not an amsynth bank"),
        (b"\x00\xff\xfe" * 50, "not an amsynth bank"),
        (GOOD.replace("EOF\n", ""), "is cut off"),
        (GOOD[:60], "line 4 means nothing in a bank: '<pres'"),
        (GOOD.replace("0.5", "loud"), "line 3: 'loud' is not a number"),
        (GOOD.replace("0.5", "nan"), "line 3: 'nan' is not a number"),
        (GOOD.replace("0.5", "1e999"), "line 3: '1e999' is not a number"),
        (GOOD.replace("<preset> <name> A b\n", ""), "line 2: a control before the first"),
        (GOOD.replace("<parameter> amp_decay 1", "<parameter> amp_decay"), "line 5 means nothing"),
        (GOOD.replace("amp_decay 1", "amp_decays 1"), "line 5: amsynth has no control 'amp_decays'"),
        (GOOD.replace("<preset> <name> C", "<blob>"), "line 4 means nothing in a bank"),
    ],
)
def test_each_defect_is_one_clear_line(text, said, bank):
    with pytest.raises(ConfigError, match=said) as error:
        read_bank(bank(text), list(controls()))
    assert "\n" not in str(error.value) and "é bank" in str(error.value)


def test_places_that_are_not_there(tmp_path):
    with pytest.raises(ConfigError, match="there is no bank at"):
        find_banks([tmp_path / "none"])
    with pytest.raises(ConfigError, match="holds no bank files"):
        find_banks([tmp_path])
    with pytest.raises(ConfigError, match="cannot be read"):
        read_bank(tmp_path)


def test_values_beyond_the_range_are_held_and_steps_are_whole():
    values = normalized_preset({"lfo_waveform": 2.4, "filter_cutoff": 99.0, "osc_mix": -5.0})
    assert values["lfo_waveform"] == pytest.approx(2 / 6)
    assert values["filter_cutoff"] == 1.0 and values["osc_mix"] == 0.0
    assert all(0.0 <= value <= 1.0 for value in values.values()) and len(values) == 41


@pytest.mark.parametrize("name", list(controls()))
def test_normalized_and_value_undo_each_other(name):
    control = controls()[name]
    for value in (control.low, control.start, control.base, control.high):
        assert control.value(control.normalized(value)) == pytest.approx(value, abs=1e-9)


@pytest.mark.real
@needs_amsynth
def test_every_bank_of_the_package_is_read():
    presets = [preset for path in find_banks() for preset in read_bank(path, list(controls()))]
    assert len(presets) == 3_482  # amsynth 1.13: 27 banks of 128 and one of 26
    assert all(36 <= len(preset.values) <= 41 for preset in presets)

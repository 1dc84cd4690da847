"""Values as a person reads them."""

import pytest

from panel.sound.parameter_text import parameter_text
from synths.space_files import load_space


@pytest.mark.parametrize(
    ("name", "normalized", "text"),
    [
        ("volume", 0.74, "-6.0 dB"),
        ("distortion_drive", 0.4999, "0.0 dB"),
        ("env_1_attack", 0.5, "2.00 s"),
        ("env_1_attack", 0.2, "51 ms"),
        ("filter_1_cutoff", 0.5, "523 Hz"),
        ("filter_1_cutoff", 1.0, "21.10 kHz"),
        ("osc_2_transpose", 0.5, "0"),
        ("osc_2_transpose", 0.625, "+12"),
        ("modulation_2_amount", 0.25, "-50 %"),
        ("modulation_2_amount", 0.499, "0 %"),
        ("osc_2_level", 0.5, "25 %"),
        ("lfo_1_frequency", 0.5, "2 Hz"),
        ("filter_1_blend", 0.05, "0.1"),
    ],
)
def test_a_value_has_its_unit(name, normalized, text):
    assert parameter_text(load_space("vital-32")[name], normalized) == text

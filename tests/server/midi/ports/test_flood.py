"""amsynth by itself under JACK, flooded with our frames, taken away and started again."""

import shutil

import pytest

from benchmarks.box_flood import flood_box
from benchmarks.rig.dummy_jack import dummy_jack


@pytest.mark.real
def test_a_flooded_synth_ends_with_the_last_patch_also_after_it_was_gone(tmp_path):
    for program, package in (("jackd", "jackd2"), ("amsynth", "amsynth")):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}: sudo apt install {package}")
    with dummy_jack(44_100, 1_024):
        for heard in flood_box(tmp_path, 1.0):
            assert heard.n_frames > 20
            assert heard.own_db < 1.5 < heard.other_db

import numpy as np
import pytest

from core.errors import ConfigError
from core.loudness import momentary_loudness
from synths.amsynth_bank import BankPreset, find_banks, write_bank
from synths.amsynth_controls import controls
from synths.catalog import load_engine
from synths.engine import Note
from synths.space_files import load_space
from tests.support.needs import needs_amsynth
from training.data.bank_patches import BankPatches, Between
from training.data.dataset import DatasetFolder
from training.data.leveled_render import TARGET_LUFS, render_leveled, volume_of
from training.data.render import main
from training.data.split import split_shards

SPACE = load_space("amsynth-32")
STEPPED = [k for k, parameter in enumerate(SPACE) if parameter.scale == "indexed"]


def presets(n, seed=0):
    return np.random.default_rng(seed).uniform(size=(n, 32)).astype(np.float32)


def patches(n=400, seed=0, **options):
    return BankPatches(SPACE, presets(n), seed=seed, shard_size=8, **options)


def rows(array):
    return {row.tobytes() for row in array}


def test_the_sides_share_no_preset_and_together_are_all():
    source = patches()
    sides = [rows(source.train), rows(source.validation), rows(source.test)]
    assert [len(side) for side in sides] == [320, 40, 40]
    assert len(sides[0] | sides[1] | sides[2]) == 400


def test_a_shard_holds_presets_of_its_side_only():
    source = patches()
    train, validation, test = split_shards(range(121))
    for shards, side in ((validation, source.validation), (test, source.test)):
        for shard in shards:
            assert rows(source.part(shard).vectors) <= rows(side)
    held_out = np.concatenate([source.validation, source.test])
    for shard in train:
        part = source.part(shard)
        assert not rows(part.vectors) & rows(held_out)
        assert rows(part.vectors[part.kinds == 0]) <= rows(source.train)
    first = np.concatenate([source.part(shard).vectors for shard in train[:40]])
    assert rows(first) == rows(source.train), "every preset of training comes once before any between them"


def test_a_patch_between_lies_between_two_neighbours_of_training():
    source = patches(between=Between(n_neighbours=3, low=0.2, high=0.4))
    shard = split_shards(range(60))[0][45]
    part = source.part(shard)
    assert set(part.kinds.tolist()) == {1}
    for vector in part.vectors:
        # One preset has every stepped value; what moved, moved 20 to 40 % of the way to one neighbour.
        same = (np.abs(source.train[:, STEPPED] - vector[STEPPED]) < 1e-6).all(axis=1)
        (start,) = source.train[same]
        near = np.argsort(np.abs(source.train - start).mean(axis=1))[1:4]
        moving = [k for k in range(32) if k not in STEPPED and abs(vector[k] - start[k]) > 1e-4]
        shares = [(vector - start)[moving] / (source.train[n] - start)[moving] for n in near]
        assert any(np.ptp(share) < 0.01 and 0.19 < share.mean() < 0.41 for share in shares)
        SPACE.check(vector)


def test_presets_that_are_nearly_the_same_are_one():
    some = presets(50)
    nearly = np.clip(some + 0.004, 0.0, 1.0)
    source = BankPatches(SPACE, np.concatenate([some, nearly, some]), seed=0, shard_size=8)
    assert source.n_presets == 150
    assert len(source.train) + len(source.validation) + len(source.test) == 50


def test_the_same_seed_is_the_same_and_another_another():
    one, again, other = patches(), patches(), patches(seed=1)
    assert one.facts() == again.facts() != other.facts()
    for shard in (0, 38, 39, 45):
        assert np.array_equal(one.part(shard).vectors, again.part(shard).vectors)
    assert rows(one.validation) != rows(other.validation)


def test_held_out_presets_run_out_without_a_word():
    source = patches()  # 40 presets of validation are 5 shards of 8
    assert [len(source.part(38 + 40 * k).vectors) for k in range(6)] == [8, 8, 8, 8, 8, 0]


def test_too_few_presets_are_refused():
    with pytest.raises(ConfigError, match="9 different presets are too few"):
        patches(9)
    with pytest.raises(ConfigError, match="vital-16 is a space of vital"):
        BankPatches.from_banks(load_space("vital-16"), [], seed=0, shard_size=8)


# -- the command


def test_amsynth_without_a_bank_says_what_to_add(tmp_path, caplog):
    assert main(["--space", "amsynth-16", "--count", "8", "--out", str(tmp_path / "d")]) == 2
    assert "Add --bank" in caplog.text and not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bank", "none.bank"], "there is no bank at none.bank"),
        (["--bank", "README.md"], "is not an amsynth bank"),
        (["--bank", "x", "--between", "0.5"], "--between is for drawn patches"),
        (["--note", "128"], "--note is a MIDI note"),
    ],
)
def test_a_wrong_flag_is_one_line(arguments, said, tmp_path, caplog):
    assert main(["--space", "amsynth-16", "--count", "8", "--out", str(tmp_path / "d"), *arguments]) == 2
    assert said in caplog.text and "\n" not in caplog.records[-1].getMessage()


@pytest.mark.real
@needs_amsynth
def test_every_installed_preset_is_on_one_side():
    source = BankPatches.from_banks(SPACE, [], seed=0, shard_size=64)
    facts = source.facts()["bank"]
    assert facts["presets"] == 3_482 and 3_000 < facts["distinct"] < 3_482
    everything = np.concatenate([source.train, source.validation, source.test])
    # The first presets against all: no two are the same within one percent.
    for k in range(0, len(everything), 300):
        distances = np.abs(np.delete(everything, k, axis=0) - everything[k]).max(axis=1)
        assert distances.min() > 0.01


@pytest.mark.real
@needs_amsynth
def test_a_levelled_preset_is_played_at_the_target():
    source = BankPatches.from_banks(SPACE, find_banks()[:2], seed=0, shard_size=64)
    engine, note, k = load_engine(SPACE), Note(held_seconds=0.6, seconds=0.9), volume_of(SPACE)
    kept = 0
    for vector in source.train[:12]:
        render = render_leveled(vector, SPACE, engine, note)
        if render is None:
            continue
        kept += 1
        assert np.array_equal(np.delete(render.vector, k), np.delete(vector, k))
        again = engine.render(SPACE.decode(render.vector), note).mean(axis=0)
        assert momentary_loudness(again, engine.sample_rate) == pytest.approx(TARGET_LUFS, abs=0.5)
    assert kept >= 8


@pytest.mark.real
@needs_amsynth
def test_the_command_renders_presets_resumes_and_says_what_it_dropped(tmp_path, caplog):
    caplog.set_level("INFO")
    base = {name: control.base for name, control in controls().items()}
    names = ("filter_cutoff", "amp_sustain", "osc_mix")
    some = [
        BankPreset(f"p{k}", "", base | {n: float(v) for n, v in zip(names, row, strict=True)})
        for k, row in enumerate(np.random.default_rng(0).uniform(0.2, 0.9, size=(30, 3)))
    ]
    silent = BankPreset("silent", "", base | {"master_vol": 0.0, "amp_sustain": 0.0, "amp_decay": 0.0})
    write_bank(tmp_path / "my bänk", [*some, silent])
    command = ["--space", "amsynth-16", "--bank", str(tmp_path / "my bänk"), "--count", "40"]
    for workers in ("1", "2"):
        out = tmp_path / workers
        assert main([*command, "--out", str(out), "--workers", workers]) == 0
    one, two = (DatasetFolder(tmp_path / workers) for workers in ("1", "2"))
    assert one.facts["bank"]["presets"] == 31 and one.facts["bank"]["between"]["n_neighbours"] == 5
    a, b = one.read(), two.read()
    assert np.allclose(a.patches, b.patches, atol=2e-3), "the level is found to a quarter of a dB"
    assert np.array_equal(a.kinds, b.kinds)
    dropped = [r.getMessage() for r in caplog.records if "left out" in r.getMessage()]
    assert len(dropped) == 2 and str(len(a)) in dropped[0]
    # Again: nothing is rendered a second time.
    times = [f.stat().st_mtime_ns for f in sorted((tmp_path / "1").glob("shard*"))]
    assert main([*command, "--out", str(tmp_path / "1"), "--workers", "1"]) == 0
    assert [f.stat().st_mtime_ns for f in sorted((tmp_path / "1").glob("shard*"))] == times

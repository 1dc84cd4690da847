from dataclasses import replace

import numpy as np
import pytest
import yaml

from core.errors import ConfigError
from synths.space_files import SPACES_FOLDER, load_space, space_names
from training.data.canonical import canonical
from training.data.draw import Prior

PRIORS = {name: Prior.for_space(load_space(name)) for name in space_names("vital")}
KINDS = SPACES_FOLDER / "vital-kinds.yaml"


@pytest.mark.parametrize("name", PRIORS)
def test_draws_are_patches_in_canonical_form(name):
    prior, rng = PRIORS[name], np.random.default_rng(0)
    seen = set()
    for _ in range(400):
        vector, kind = prior.draw(rng)
        prior.space.check(vector)
        assert np.array_equal(canonical(vector, prior.space, prior.exchanges), vector)
        assert vector[prior.space.index("volume")] == prior.space.neutral[0]
        seen.add(kind)
    assert seen == set(range(len(prior.kinds)))  # 400 draws of at most 14 kinds miss one in 1e12 times


def test_the_same_seed_draws_the_same():
    prior = PRIORS["vital-64"]
    first, second = (
        [prior.draw(rng) for _ in range(20)] for rng in (np.random.default_rng(4), np.random.default_rng(4))
    )
    for (a, kind_a), (b, kind_b) in zip(first, second, strict=True):
        assert np.array_equal(a, b) and kind_a == kind_b
    assert not np.array_equal(first[0][0], prior.draw(np.random.default_rng(5))[0])


def test_whole_numbers_stay_whole():
    prior, rng = PRIORS["vital-64"], np.random.default_rng(1)
    for _ in range(200):
        vector, _ = prior.draw(rng)
        for parameter, value in zip(prior.space, vector.tolist(), strict=True):
            if parameter.scale == "indexed":
                assert parameter.raw(value) == pytest.approx(round(parameter.raw(value)), abs=1e-4)


def test_values_lie_where_the_kind_says():
    prior, rng = PRIORS["vital-32"], np.random.default_rng(2)
    bass = prior.kinds.index("bass")
    parameter = prior.space["filter_1_cutoff"]
    cutoffs = [
        parameter.plain(float(vector[prior.space.index("filter_1_cutoff")]))
        for vector, kind in (prior.draw(rng) for _ in range(600))
        if kind == bass
    ]
    low, high = prior.rules["bass"]["filter_1_cutoff"]
    assert low - 0.01 <= min(cutoffs) < max(cutoffs) <= high + 0.01
    assert max(cutoffs) - min(cutoffs) > 0.7 * (high - low)


def test_the_chance_of_neutral_is_kept():
    prior, rng = PRIORS["vital-32"], np.random.default_rng(3)
    k = prior.space.index("delay_dry_wet")
    pad = [
        vector[k] for vector, kind in (prior.draw(rng) for _ in range(3_000)) if prior.kinds[kind] == "pad"
    ]
    chance = np.mean(np.array(pad) == prior.space.neutral[k])
    wanted = prior.rules["pad"]["delay_dry_wet"]["neutral"]
    assert chance == pytest.approx(wanted, abs=4 * np.sqrt(wanted * (1 - wanted) / len(pad)))


def test_every_rule_stays_inside_its_control():
    for kind, rules in PRIORS["vital-64"].rules.items():
        for name, rule in rules.items():
            parameter = PRIORS["vital-64"].space[name]
            rule = rule.get("else", rule) if isinstance(rule, dict) else rule
            for plain in rule["pick"] if isinstance(rule, dict) else rule:
                back = parameter.plain(parameter.normalized(plain))
                # Tolerance: the ranges in the space file are rounded to six digits.
                assert back == pytest.approx(plain, rel=1e-3, abs=1e-3), (kind, name)


# -- malformed files


def change(tmp_path, edit):
    data = yaml.safe_load(KINDS.read_text(encoding="utf-8"))
    edit(data)
    path = tmp_path / "kinds.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


@pytest.mark.parametrize(
    "rule",
    [
        [1, 2, 3],
        [1],
        "high",
        3,
        None,
        ["a", "b"],
        {"pick": []},
        {"neutral": 2.0, "else": [0, 1]},
        {"neutral": 0.5},
        {"else": [0, 1]},
        {"neutral": 0.5, "else": {"neutral": 0.5, "else": [0, 1]}},
        {"neutral": 0.5, "otherwise": [0, 1]},
    ],
    ids=str,
)
def test_a_malformed_rule_names_its_place(rule, tmp_path):
    def edit(data):
        data["kinds"]["bass"]["filter_1_cutoff"] = rule

    with pytest.raises(ConfigError, match=r"kinds\.yaml, bass, filter_1_cutoff: write \[low, high\]"):
        Prior.for_space(PRIORS["vital-32"].space, change(tmp_path, edit))


def test_an_unknown_parameter_names_the_nearest(tmp_path):
    def edit(data):
        data["kinds"]["bass"]["filter_1_cutof"] = [0, 1]

    with pytest.raises(
        ConfigError, match="bass: no parameter 'filter_1_cutof'; did you mean 'filter_1_cutoff'"
    ):
        Prior.for_space(PRIORS["vital-32"].space, change(tmp_path, edit))


@pytest.mark.parametrize("text", ["", "[", "- 1", "default: {}"])
def test_a_file_that_is_none(text, tmp_path):
    (tmp_path / "kinds.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"kinds\.yaml"):
        Prior.for_space(PRIORS["vital-32"].space, tmp_path / "kinds.yaml")
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        Prior.for_space(PRIORS["vital-32"].space, tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data["kinds"].update(bass=None),
        lambda data: data["kinds"].update(bass=[1]),
        lambda data: data.update(kinds=[1]),
        lambda data: data["kinds"]["bass"].update(osc_2_level={"neutral": "often", "else": [0, 1]}),
    ],
    ids=["empty kind", "kind of a list", "kinds of a list", "chance in words"],
)
def test_other_malformed_parts_are_config_errors_too(edit, tmp_path):
    with pytest.raises(ConfigError):
        Prior.for_space(PRIORS["vital-32"].space, change(tmp_path, edit))


def test_a_patch_between_two_lies_between_them():
    """Both ends and the place between them can be drawn again from the same seed."""
    prior = PRIORS["vital-32"]
    between = replace(prior, between=1.0)
    indexed = prior.space.index("osc_2_transpose")
    for seed in range(50):
        rng = np.random.default_rng(seed)
        rng.uniform()
        (a, _), (b, _), along = prior.draw(rng), prior.draw(rng), rng.uniform()
        middle, _ = between.draw(np.random.default_rng(seed))
        straight = a + along * (b - a)
        moved = np.abs(middle - straight) > 1e-6  # only canonical form and whole numbers move it
        neutral = np.abs(middle - prior.space.neutral) < 1e-6
        assert (neutral | ~moved | (np.arange(len(middle)) == indexed)).all()
        prior.space.check(middle)


def test_no_chance_of_between_draws_as_before():
    prior = PRIORS["vital-16"]
    mixed = replace(prior, between=0.0)
    a, b = prior.draw(np.random.default_rng(3)), mixed.draw(np.random.default_rng(3))
    assert np.array_equal(a[0], b[0]) and a[1] == b[1]

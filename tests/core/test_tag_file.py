import numpy as np
import pytest

from core.errors import ConfigError
from core.tag_file import ALL_PAIRS, TagFile, merge_tags, patch_name, read_tags
from core.tags import TAG_NAMES

GOOD = """format: 1
tagged_by: Anna
sounds:
  3f9a1c02d7be: [bright, Phat]
  Slow Still Organ: [narrow]
  nothing fits: []
"""


def write(tmp_path, text):
    path = tmp_path / "étiquettes.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def column(name):
    return ALL_PAIRS.index(name)


def test_words_become_tags(tmp_path):
    file = read_tags(write(tmp_path, GOOD))
    assert file.tagged_by == "Anna"
    tags = file.tags["3f9a1c02d7be"]
    assert tags[column("dark-bright")] == tags[column("thin-phat")] == 1.0
    assert np.isnan(tags).sum() == len(ALL_PAIRS) - 2
    assert file.tags["Slow Still Organ"][column("narrow-wide")] == 0.0
    assert np.isnan(file.tags["nothing fits"]).all()


def test_every_word_of_every_pair_is_known(tmp_path):
    for name in ALL_PAIRS:
        for end, word in enumerate(name.split("-")):
            text = f"format: 1\nsounds:\n  x: [{word}]\n"
            assert read_tags(write(tmp_path, text)).tags["x"][column(name)] == end


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (GOOD.replace("Phat", "phatt"), 4, "did you mean 'phat'"),
        (GOOD.replace("bright, Phat", "bright, dark"), 4, "cannot be both dark and bright"),
        (GOOD.replace("[narrow]", "narrow"), 5, "in brackets"),
        (GOOD.replace("format: 1", "format: 2"), 1, "format: 1"),
        (GOOD.replace("tagged_by", "taged_by"), 2, "did you mean 'tagged_by'"),
        (GOOD + "  3f9a1c02d7be: []\n", 7, "twice"),
        (GOOD.replace("[bright, Phat]", "[bright"), 5, "not YAML"),
        ("format: 1\nsounds: [a]\n", 2, "must hold"),
        ("format: 1\n", 1, "lacks 'sounds:'"),
        ("- a\n", 1, "must hold"),
        (GOOD.replace("bright, Phat", "[bright]"), 4, "no word"),
    ],
)
def test_an_error_names_the_line(tmp_path, text, line, message):
    with pytest.raises(ConfigError) as error:
        read_tags(write(tmp_path, text))
    assert f"line {line}:" in str(error.value) and message in str(error.value)


def test_files_that_are_none(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_tags(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError):
        read_tags(tmp_path / "bytes.yaml")
    with pytest.raises(ConfigError, match="must hold"):
        read_tags(write(tmp_path, ""))


def heard(**words):
    tags = {}
    for name, value in words.items():
        row = np.full(len(ALL_PAIRS), np.nan, np.float32)
        row[0] = value
        tags[name] = row
    return TagFile("x", tags)


def test_people_vote_and_a_draw_is_unknown():
    files = [heard(a=1, b=1, c=0), heard(a=1, b=0), heard(a=0)]
    merged = merge_tags(files, ["a", "b", "c", "d"])
    np.testing.assert_array_equal(merged[:, 0], [1.0, np.nan, 0.0, np.nan])


def test_ears_win_over_measurements():
    measured = np.zeros((3, len(TAG_NAMES)), np.float32)
    merged = merge_tags([heard(a=1), heard(b=1), heard(b=0)], ["a", "b", "c"], measured)
    np.testing.assert_array_equal(merged[:, 0], [1.0, np.nan, 0.0])  # people who disagree are believed too
    assert (merged[:, 1 : len(TAG_NAMES)] == 0).all()
    assert np.isnan(merged[:, len(TAG_NAMES) :]).all()


def test_a_patch_has_one_name():
    rng = np.random.default_rng(0)
    patches = rng.uniform(size=(200, 32)).astype(np.float32)
    assert len({patch_name(p) for p in patches}) == 200
    assert patch_name(patches[0]) == patch_name(patches[0].astype(np.float64))
    assert patch_name(np.array([0.0, 0.5, 1.0])) == "73ecb84d7e34"

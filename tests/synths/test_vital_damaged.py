"""Files that are damaged, or no presets at all: a line that names the file, and no crash."""

import json

import numpy as np
import pytest

from core.errors import PatchError
from synths.base_patch import BASE_PATCH
from synths.vital_preset import read_preset
from tests.synths.preset_files import SPACE, edited


def broken(content, how):
    settings = content["settings"]
    match how:
        case "no settings":
            del content["settings"]
        case "no version":
            del content["synth_version"]
        case "word":
            settings["volume"] = "loud"
        case "bool":
            settings["volume"] = True
        case "not a number":
            settings["volume"] = float("nan")
        case "huge":
            settings["volume"] = 10**400
        case "no modulations":
            del settings["modulations"]
        case "too many modulations":
            settings["modulations"] = settings["modulations"] * 3
        case "modulations of numbers":
            settings["modulations"] = [{"source": 1, "destination": 2}]
        case "strange version":
            content["synth_version"] = "new"
    return json.dumps(content)


DAMAGES = (
    "no settings", "no version", "word", "bool", "not a number", "huge", "no modulations",
    "too many modulations", "modulations of numbers", "strange version",
)  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_says_which_and_what_to_do(how, tmp_path):
    path = tmp_path / "mine.vital"
    path.write_text(broken(json.loads(BASE_PATCH.read_text()), how))
    with pytest.raises(PatchError, match=r"mine\.vital.*(again|another)\."):
        read_preset(path, SPACE)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", "[" * 100_000, "\x00\xff", '{"settings": []}'])
def test_what_is_no_preset_says_so(text, tmp_path):
    path = tmp_path / "mine.vital"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(PatchError, match=r"mine\.vital"):
        read_preset(path, SPACE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32-le"])
@pytest.mark.parametrize("name", ["mine.vital", "VITAL.VITAL"])
def test_a_preset_that_an_editor_saved_with_a_byte_order_mark_is_read(tmp_path, encoding, name):
    plain = read_preset(edited(tmp_path / "plain.vital"), SPACE)
    path = tmp_path / name
    path.write_bytes((tmp_path / "plain.vital").read_text("utf-8").encode(encoding))
    np.testing.assert_array_equal(read_preset(path, SPACE).vector, plain.vector)


def test_a_missing_and_a_huge_file(tmp_path):
    with pytest.raises(PatchError, match="check the path"):
        read_preset(tmp_path / "none.vital", SPACE)
    with (tmp_path / "huge.vital").open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(PatchError, match="50 MB"):
        read_preset(tmp_path / "huge.vital", SPACE)


@pytest.mark.parametrize(
    "tables",
    [
        {"wavetables": None, "sample": None, "lfos": None},
        {"wavetables": "x", "sample": 3, "lfos": {}},
        {"wavetables": [1, None], "sample": {"samples": "?"}, "lfos": [1]},
        {"wavetables": [{"groups": [{"components": [{"keyframes": [{"position": "x", "wave_data": 3}]}]}]}]},
        {"wavetables": [{"groups": [{"components": [{"keyframes": [{"position": 0, "wave_data": "AA"}]}]}]}]},
    ],
)
def test_damaged_tables_are_no_crash(tables, tmp_path):
    path = edited(tmp_path / "mine.vital", sample_level=0.5, **tables)
    try:
        SPACE.check(read_preset(path, SPACE).vector)
    except PatchError as error:
        assert "mine.vital" in str(error)

"""`python -m server.presets`: the player's presets by hand."""

import pytest

from server.instrument.preset_folder import PresetFolder
from server.presets import main
from tests.server.instrument.test_presets import preset


@pytest.fixture
def run(tmp_path, capsys):
    folder = PresetFolder(tmp_path / "presets")
    for name in ("Monday", "Tuesday"):
        folder.save(preset(name))

    def run(*words):
        status = main(["--data", str(tmp_path), *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_presets_are_listed_renamed_deleted_and_restored(run):
    assert run("rename", "Monday", "Sunday") == (0, "'Monday' is called 'Sunday' now.\n", "")
    assert run("delete", "Sunday", "Tuesday")[0] == 0
    assert run("list")[1].startswith("0 presets in")
    assert run("bin")[1] == "Sunday\nTuesday\n"
    assert run("restore", "Tuesday") == (0, "'Tuesday' is back.\n", "")
    assert run("list")[1].startswith("Tuesday\n1 preset in")


def test_what_is_left_out_is_listed_with_the_reason(run, tmp_path):
    (tmp_path / "presets" / "Monday (1).json").write_bytes(
        (tmp_path / "presets" / "Monday.json").read_bytes()
    )
    (tmp_path / "presets" / "Odd.json").write_text("{")
    status, out, _ = run("list")
    assert status == 0 and out.count("left out: ") == 2 and "Monday (1).json" in out and "not JSON" in out
    assert (tmp_path / "presets" / "Odd.json").exists()  # a list moves nothing


@pytest.mark.parametrize(
    "words", [("delete", "nobody"), ("rename", "Monday", "a/b"), ("restore", "Monday"), ("delete",)]
)
def test_mistakes_are_one_line(run, words):
    status, out, err = run(*words)
    assert status == 2 and out == "" and len(err.splitlines()) == 1 and err.startswith("presets: ")

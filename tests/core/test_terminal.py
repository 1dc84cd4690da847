"""Names of files and devices cannot steer the terminal that they are shown on."""

import logging

import pytest

from core.command import PrintableFormatter, exit_status, print_line, printable
from core.errors import ConfigError
from server.instrument.preset_file import text_of
from server.presets import main as presets
from tests.server.instrument.test_presets import preset

STEERS = [
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\rhidden",
    "\x08\x08",
    "\u202egnp.exe",
    "\u2066",
    "\udc9b",
]


@pytest.mark.parametrize("code", STEERS)
def test_codes_are_written_out(code):
    shown = printable(f"a{code}b")
    assert code not in shown and shown.startswith("a\\") and shown.endswith("b")
    shown.encode()  # a terminal can show it


@pytest.mark.parametrize(
    "text",
    [
        "Bass",
        "Füße",
        "日本語\u3000です",
        "👨\u200d👩\u200d👧",
        "می\u200cخواهم",
        "two\nlines\tand",
        "a\u00a0b",
    ],
)
def test_what_people_write_stays(text):
    assert printable(text) == text


def test_a_log_writes_codes_out():
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s is left out", ("\x1b[2Jx.json",), None)
    assert PrintableFormatter("%(message)s").format(record) == "\\x1b[2Jx.json is left out"


def test_a_printed_line_does_too(capsys):
    print_line("a\x1bb")
    assert capsys.readouterr().out == "a\\x1bb\n"


def test_an_error_of_a_command_is_logged_so(monkeypatch, capsys):
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)

    def fail():
        raise ConfigError("there is no \x1b[31mfile")

    assert exit_status(fail) == 2
    assert capsys.readouterr().err == "there is no \\x1b[31mfile\n"


def test_files_of_presets_with_codes_in_their_names(tmp_path, capsys):
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "\x1b[2Jcopy.json").write_text(text_of(preset(name="Mine")))
    (folder / "Mine.json").write_text(text_of(preset(name="Mine")))
    assert presets(["--data", str(tmp_path), "list"]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and "\\x1b[2Jcopy.json" in shown

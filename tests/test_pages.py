"""Every command in a page parses, and is run by a test or known to need something that tests do not have."""

import contextlib
import io
import re
import runpy
import shlex
import sys
import warnings
from pathlib import Path
from unittest.mock import patch

import pytest

from core.config import read_settings
from server.client import typed
from server.osc.addresses import TO_SERVER
from server.osc.fitting import Sizes, fit
from tests.support.modules import ROOT
from tests.test_commands import COMMANDS, PAGES, code_in, help_of, named_in

A_MODEL = Sizes(n_macros=8, n_latent=32, n_parameters=32)
SECOND = {"python -m server.presets list"}  # run here as they stand
# What keeps the others from being run as they stand, by how they begin.
NEEDS = {
    "./start.sh": "the network, the first time; tests/starting",
    ".play/venv/bin/python": "what ./start.sh has fetched",
    "python -m pip": "the network; .ci/run runs those of the README",
    "python3 -m pip": "the network",
    "python -m venv": "a place for it",
    "python -m pytest": "this is what it runs",
    "python run_server.py": "somebody to end it; .ci/run and tests/server start it",
    "python -m synths.discover": "a plug-in; tests/synths",
    "python -m server.client": "a running server; here its message is fitted to the table",
    "python -m server.learn": "a running server and a controller",
    "python -m library": "presets of yours; tests/library",
    "python -m server.sketch": "a recording of yours; tests/sketching",
    "python -m calibration": "a synth, a microphone or a controller",
    "python -m training": "minutes; tests/training builds the smoke configuration",
    "python3 -m training": "minutes, and a card",
    "python train.py": "minutes; tests/training",
    "python evaluate.py": "renders of minutes; tests/evaluation",
    "python -m evaluation": "renders of minutes; tests/evaluation",
    "python -m max4live": "a folder of yours, or the build; tests/max4live",
    "python -m benchmarks": "an idle machine",
    "oscsend": "liblo; tests/server/test_real_clients.py",
    "oscdump": "liblo; tests/server/test_real_clients.py",
    "sudo apt-get": "Debian; .ci/run",
    "npm ci": "the network; .ci/run",
    "export": "a shell",
    "ruff": ".ci/run",
    "mypy": ".ci/run",
}


class Parsed(BaseException):
    """Raised in place of what a command would do."""


def lines_in(page):
    """Commands in the blocks of a page, one each."""
    for line in re.sub(r"\\\n\s*", " ", page.read_text("utf-8")).splitlines():
        if re.match(r" {4,}(\.?/?[a-z])", line):
            for part in re.split(r"\s#|\s\(|$", line)[0].split("&&"):
                if part.strip() in SECOND or any(part.strip().startswith(start) for start in NEEDS):
                    yield " ".join(part.split())
                elif re.match(r"\s*(python3?|\S+/python|npm|sudo|osc\w+|\./\S+) ", part):
                    yield part.strip()


def commands_in(page):
    """Our own commands of a page's blocks, each with its arguments; one may start another."""
    for line in lines_in(page):
        for command, words in named_in(line.replace("python3 ", "python ")):
            text = line[line.index(command.removeprefix("python ")) :].removeprefix(
                command.removeprefix("python ")
            )
            if words and command in COMMANDS and "[" not in text:  # brackets are what may be left out
                text = re.split(r" python -m ", text)[0]
                yield command, shlex.split(text)


def parses(command, arguments):
    """Read a command line as the command would, without doing what it says."""
    said, path = io.StringIO(), COMMANDS[command]

    def parsed(parser, given=None, namespace=None):
        found, unknown = parser.parse_known_args(given, namespace)
        if unknown:
            parser.error(f"unrecognized arguments: {unknown}")
        raise Parsed

    with (
        patch.object(sys, "argv", [str(path), *arguments]),
        patch("argparse.ArgumentParser.parse_args", parsed),
        contextlib.redirect_stderr(said),
        warnings.catch_warnings(action="ignore", category=RuntimeWarning),  # imported before, says runpy
    ):
        try:
            if len(path.relative_to(ROOT).parts) == 1:
                runpy.run_path(str(path), run_name="__main__")
            else:
                runpy.run_module(command.removeprefix("python -m "), run_name="__main__", alter_sys=False)
        except Parsed:
            return ""
        except SystemExit:
            return said.getvalue()
    return f"{command} reads no arguments"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_is_known_for_what_it_needs_and_parses(page):
    lines = list(lines_in(page))
    unknown = [one for one in lines if one not in SECOND and not any(map(one.startswith, NEEDS))]
    assert not unknown, "run them in SECOND, or say in NEEDS what they need"
    for command, arguments in commands_in(page):
        assert parses(command, arguments) == "" or not help_of(command), (command, arguments)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_messages_fit_the_table_and_configurations_are_there(page):
    for command, arguments in commands_in(page):
        if command == "python -m server.client":
            words = arguments[: arguments.index("--wait")] if "--wait" in arguments else arguments
            fit(TO_SERVER[words[0]], typed(words[0], words[1:]), A_MODEL)
    for span in code_in(page):
        for name in re.findall(r"\bconfigs/[a-z_0-9-]+\.yaml", span):
            assert (ROOT / name).exists(), name


def test_commands_of_a_second_do_what_they_say(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    found = {line for page in PAGES for line in lines_in(page)}
    assert found >= SECOND
    for line in SECOND:
        monkeypatch.setattr(sys, "argv", line.split()[2:])
        monkeypatch.delitem(sys.modules, line.split()[2], raising=False)
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(line.split()[2], run_name="__main__", alter_sys=False)
        assert ended.value.code == 0


def test_every_need_is_somebodys():
    found = [line for page in PAGES for line in lines_in(page)]
    gone = [start for start in NEEDS if not any(line.startswith(start) for line in found)]
    assert gone == [] or gone == [".play/venv/bin/python"]


def test_the_three_doors_begin_with_their_first_minute():
    front = (ROOT / "README.md").read_text("utf-8")
    assert len(front.splitlines()) <= 50 and "    ./start.sh\n" in front
    for name in ("live", "browser", "researchers"):
        assert f"](docs/{name}.md)" in front
        page = (ROOT / "docs" / f"{name}.md").read_text("utf-8").split("\n## ")
        assert page[1].startswith("The first minute") and len(page[0].splitlines()) <= 3


def test_counts_of_renders_agree_with_the_configuration():
    renders = read_settings([Path("configs/vital-32.yaml")])["renders"]
    texts = {page: page.read_text("utf-8") for page in [*PAGES, ROOT / "configs" / "vital-32.yaml"]}
    for name in ("docs/training.md", "docs/researchers.md"):
        assert f"{renders['count']:,} renders" in texts[ROOT / name]
    assert f"{renders['between_count']:,} between sounds" in texts[ROOT / "docs/training.md"]
    card = texts[ROOT / "models/pretrained/vital-32/MODEL_CARD.md"]
    trained_on = re.search(r"([\d,]+) patches for training", card)[1]
    assert f"{trained_on} training renders" in texts[ROOT / "docs/researchers.md"], "figures of another model"
    for page, text in texts.items():
        for count in re.findall(r"training\.data\.render [^`\n]*--count (\d+)", text):
            assert int(count) >= 40 * 128 or "between" in text, f"{page}: {count} cannot be trained on"


def test_a_command_that_does_not_parse_is_found():
    assert "invalid choice" in parses("python train.py", ["configs/paper.yaml", "--device", "tpu"])
    assert "unrecognized" in parses("python -m server.presets", ["list", "--al"])
    assert parses("python evaluate.py", ["table", "runs", "--out", "tables.md"]) == ""

"""docs/commands.md lists every command, and no text names a flag that does not exist."""

import ast
import contextlib
import io
import os
import re
import runpy
import sys
import warnings
from functools import cache
from unittest.mock import patch

import pytest

from tests.support.modules import MODULES, ROOT, ours, parse

PAGE = ROOT / "docs" / "commands.md"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "max4live" / "README.md"]
PAGES += sorted([*(ROOT / "docs").glob("*.md"), *(ROOT / "models" / "pretrained").glob("*/*.md")])
# Flags of other people's programs that our texts mention.
FOREIGN = {"--force-reinstall", "--nproc-per-node", "--no-realtime", "--nthreads", "--prefix"}

OF_START_FILES = {"--devices"}  # of start.sh, start.command and start.bat

COMMAND = re.compile(r"python (?:-m (?P<module>[a-z_0-9.]*[a-z_0-9])|(?P<script>[a-z_]+)\.py)")
LISTED = re.compile(r"^- `(python [^`]+)`", re.M)
FLAG = re.compile(r"(?<![\w-])--[a-z0-9]+(?:-[a-z0-9]+)*(?![\w-])")


def runs(path):
    """Whether a module is a command."""
    if path.name == "__main__.py":
        return True
    tests = (node.test for node in parse(path).body if isinstance(node, ast.If))
    return any("__name__" in ast.unparse(test) for test in tests)


def command_of(path):
    """What starts a module that is a command."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if len(parts) == 1:
        return f"python {parts[0]}.py"
    return f"python -m {'.'.join(part for part in parts if part != '__main__')}"


COMMANDS = {command_of(path): path for path in MODULES if runs(path)}


@cache
def help_of(command, *words):
    """What `--help` prints; nothing where a command takes no flags."""
    path = COMMANDS[command]
    if "ArgumentParser(" not in path.read_text("utf-8"):
        return ""
    said = io.StringIO()
    with (
        patch.object(sys, "argv", [str(path), *words, "--help"]),
        patch.dict(os.environ, COLUMNS="500"),
        contextlib.redirect_stdout(said),
        contextlib.suppress(SystemExit),
        warnings.catch_warnings(action="ignore", category=RuntimeWarning),  # imported before, says runpy
    ):
        if len(path.relative_to(ROOT).parts) == 1:
            runpy.run_path(str(path), run_name="__main__")
        else:
            name = command.removeprefix("python -m ")
            runpy.run_module(name, run_name="__main__", alter_sys=False)
    assert "usage:" in said.getvalue(), command
    return said.getvalue()


@cache
def subcommands(command):
    """Words that come first after a command, such as `evaluate.py table`."""
    found = re.search(r"^  \{([a-z,]+)\}$", help_of(command), re.M)
    return found[1].split(",") if found else []


@cache
def flags_of(command, *words):
    return set(FLAG.findall(help_of(command, *words)))


@cache
def every_flag():
    return (FOREIGN | OF_START_FILES).union(
        *(
            flags_of(command, *words)
            for command in COMMANDS
            for words in [(), *((word,) for word in subcommands(command))]
        )
    )


def named_in(text):
    """Commands of ours in a piece of code, each with the words behind it."""
    found = list(COMMAND.finditer(text))
    ends = [after.start() for after in found[1:]] + [None]
    for here, end in zip(found, ends, strict=False):
        command = f"python -m {here['module']}" if here["module"] else f"python {here['script']}.py"
        if (here["module"] or here["script"]).split(".")[0] in {path.stem for path in ROOT.iterdir()}:
            yield command, re.split(r"\s#|&&|[;|>`\n]|[,.)](?:\s|$)", text[here.end() : end])[0].split()


def code_in(page):
    """Code of a Markdown page: indented lines with what they continue on, and spans between backticks."""
    text = re.sub(r"\\\n\s*", " ", page.read_text("utf-8"))
    yield from (line for line in text.splitlines() if line.startswith("    "))
    for paragraph in re.split(r"\n\s*\n", text):
        yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", paragraph))


def messages_in(path):
    """Texts in a module: its strings of more than one word, with X for what is filled in."""
    inner = set()
    for node in ast.walk(parse(path)):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.JoinedStr):
            inner.update(map(id, node.values))
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        if isinstance(text, str) and " " in text and id(node) not in inner:
            yield text


def wrong_flags(text):
    """Flags that a text gives to a command of ours that has no such flag."""
    for command, words in named_in(text):
        assert command in COMMANDS, f"there is no {command}"
        word = [words[0]] if words and words[0] in subcommands(command) else []
        known = flags_of(command, *word) | FOREIGN
        yield from (
            " ".join([command, *word, flag]) for flag in FLAG.findall(" ".join(words)) if flag not in known
        )


def test_every_command_is_listed_and_every_listed_command_is_there():
    listed = LISTED.findall(PAGE.read_text("utf-8"))
    assert len(listed) == len(set(listed))
    wanted = set()
    for command in COMMANDS:
        wanted |= {f"{command} {word}" for word in subcommands(command)} or {command}
    assert set(listed) == wanted


def test_every_listed_command_has_an_example_of_its_own():
    for entry in re.split(r"^- ", PAGE.read_text("utf-8"), flags=re.M)[1:]:
        command, *_, example = re.findall(r"`([^`]+)`", entry.split("\n\n")[0])
        assert command in example


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_name_only_flags_that_exist(page):
    spans = list(code_in(page))
    assert [wrong for span in spans for wrong in wrong_flags(span)] == []
    alone = {flag for span in spans if span.startswith("--") for flag in FLAG.findall(span)}
    assert alone <= every_flag()


def test_messages_name_only_flags_that_exist():
    wrong = []
    for path in MODULES:
        for text in messages_in(path):
            wrong += [f"{path.relative_to(ROOT)}: {one}" for one in wrong_flags(text)]
            missing = set(FLAG.findall(text)) - every_flag()
            wrong += [f"{path.relative_to(ROOT)}: {flag} in {text[:80]!r}" for flag in sorted(missing)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", ours(".js"), ids=lambda path: path.name)
def test_scripts_name_only_flags_that_exist(path):
    assert list(wrong_flags(path.read_text("utf-8"))) == []


def test_a_flag_that_does_not_exist_is_found():
    assert list(wrong_flags("Try python run_server.py --midi --list-facts")) == [
        "python run_server.py --list-facts"
    ]
    assert list(wrong_flags("python evaluate.py match --audio FOLDER --set-of test")) == [
        "python evaluate.py match --set-of"
    ]
    with pytest.raises(AssertionError, match=r"there is no python -m server\.addresses"):
        list(wrong_flags("python -m server.addresses > docs/osc-api.md"))

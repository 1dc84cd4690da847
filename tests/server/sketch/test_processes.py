"""The two processes of a sketch: what is said when one of them has ended."""

import ast
import re
from pathlib import Path

import pytest

import server.sketch
from run_server import parser

FOLDER = Path(server.sketch.__file__).parent
FILES = sorted(path for path in FOLDER.glob("*.py") if path.name != "__main__.py")  # that one has its own


def flags_named(path):
    """Options that the texts of a module tell people to use."""
    texts = [
        node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)
    ]
    return {flag for text in texts if isinstance(text, str) for flag in re.findall(r"--[a-z][a-z-]*", text)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_option_that_a_message_names_is_one_of_the_server(path):
    known = {option for action in parser()._actions for option in action.option_strings}
    assert flags_named(path) <= known


def test_there_are_messages_that_name_options():
    assert "--list-microphones" in set().union(*map(flags_named, FILES))

"""What goes through the pipes of a sketch's processes, and what players are told about them."""

import ast
import re
from pathlib import Path

import numpy as np
import pytest

import server.sketch
from run_server import parser
from server.sketch.messages import AudioBlock, StatusReported, TakeBegun, TakeEnded, TakeFailed, pack, unpack

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


def test_messages_come_through_a_pipe_as_they_were():
    begin = TakeBegun(
        take_number=1, model="m", following=True, refine_seconds=2.0, sample_rate=3, gate_db=-4.0
    )
    for message in (begin, TakeEnded(1, True), StatusReported(2, "ü"), TakeFailed(3, "x")):
        assert unpack(pack(message)) == message
    block = np.array([0.25, -1.0], np.float64)
    assert unpack(pack(AudioBlock(block))).block.tolist() == [0.25, -1.0]

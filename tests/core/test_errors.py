import inspect
from difflib import get_close_matches

import pytest

import core.errors
from core.errors import BridgeError, PatchError
from core.nearest import did_you_mean

ERRORS = [e for _, e in inspect.getmembers(core.errors, inspect.isclass) if issubclass(e, Exception)]


def test_one_tree():
    assert all(issubclass(error, BridgeError) for error in ERRORS)
    assert {error.__name__ for error in ERRORS} == set(core.errors.__all__)


@pytest.mark.parametrize("error", ERRORS)
def test_each_says_what_it_is_for(error):
    assert error.__doc__.strip().endswith(".")
    assert error.__name__ in core.errors.__doc__


def test_a_patch_error_is_a_value_error():
    assert issubclass(PatchError, ValueError)
    assert [error for error in ERRORS if issubclass(error, ValueError)] == [PatchError]


def test_the_nearest_name():
    assert did_you_mean("volum", ["volume", "pan"]) == "did you mean 'volume'?"
    assert did_you_mean("xyz", ["volume", "pan"]) == "known: volume, pan"
    assert did_you_mean("@", map(str, range(20))).endswith("7, ...")
    assert did_you_mean("x", []) == "known: "


def test_the_nearest_name_is_the_first_that_difflib_finds():
    known = ["/flow/macro", "/flow/macros", "/flow/morph", "/flow/path/add", "/flow/path/run", "abba", "abca"]
    for name in ("/flow/macr", "/flow/marco", "/flow/path/radd", "/flow", "macro", "ab", "abcda", "a", ""):
        close = get_close_matches(name, known, n=1, cutoff=0.5)
        said = f"did you mean '{close[0]}'" if close else "known: "
        assert did_you_mean(name, known).startswith(said), name

"""Files that anybody may have written: what is not plain is refused, and nothing is waited for."""

import os
import sys
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.plain_file import check_finite, is_number, parse_json, parse_yaml, read_json, read_text, read_yaml

LAUGHS = "a0: &a0 [lol]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 12))
BOMBS = {
    "billion laughs": LAUGHS,
    "a single alias": "a: &x 1\nb: *x",
    "an alias of itself": "&x [*x]",
    "an alias as key": "a: &x 1\n*x : 2",
    "deep lists": "[" * 100_000,
    "deep mappings": "{a: " * 50_000,
    "deep blocks": "\n".join(" " * k + "a:" for k in range(1200)),
    "a number of base 60": ":".join(["59"] * 100_000),
    "a number of many digits": "9" * 100_000,
    "a Python object": "!!python/object/apply:os.system ['true']",
    "two documents": "a: 1\n--- \nb: 2",
    "a key that is a list": "? [1]\n: 2",
}
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_nothing(name):
    began = time.perf_counter()
    try:
        found = parse_yaml(BOMBS[name], "bomb.yaml")
    except ConfigError as error:
        assert "bomb.yaml" in str(error) and len(str(error)) < 300
    else:
        assert isinstance(found, str)  # a text like any other
    assert time.perf_counter() - began < 2.0


def test_an_alias_is_named_with_its_line():
    with pytest.raises(ConfigError, match="line 2.*alias"):
        parse_yaml("a: &x 1\nb: *x", "here")


def test_signs_of_aliases_in_texts_are_texts():
    assert parse_yaml("name: 'Bass & *Lead*'\nother: a*b&c", "x") == {
        "name": "Bass & *Lead*",
        "other": "a*b&c",
    }


@given(plain)
def test_what_pyyaml_writes_is_read_as_pyyaml_reads_it(data):
    text = yaml.safe_dump(data, allow_unicode=True)
    assert parse_yaml(text, "x") == yaml.safe_load(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5e-5", 1.5e-5),
        ("1_0", "1_0"),
        ("010", "010"),
        ("yes", True),
        ("~", None),
        ("2026-11-28", "2026-11-28"),
        ("1:30", "1:30"),
    ],
)
def test_numbers_are_what_people_mean(text, value):
    assert parse_yaml(f"a: {text}", "x") == {"a": value}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
@pytest.mark.parametrize("reader", [read_yaml, read_json, read_text])
def test_a_pipe_is_not_waited_for(tmp_path, reader):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(ConfigError, match="regular"):
            reader(tmp_path / name)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(10 << 30)  # it takes no room
    with pytest.raises(ConfigError, match="more than 1 MB"):
        read_yaml(path)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(OSError):
        read_text(tmp_path)


def test_what_is_no_text_is_said(tmp_path):
    (tmp_path / "x.yaml").write_bytes(b"\xffabc\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_yaml(tmp_path / "x.yaml")


@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 100_000, "{", '{"a": 1} x', ""])
def test_json_that_is_none(text):
    with pytest.raises(ConfigError, match="not JSON"):
        parse_json(text, "x.json")


@given(st.floats() | st.integers() | st.text() | st.booleans())
def test_numbers_are_finite(value):
    expected = type(value) in (int, float) and abs(value) < float("inf") and value == value
    assert is_number(value) == expected or abs(value) > 1e300


def test_finiteness_is_checked_all_the_way_down():
    check_finite({"a": [1, {"b": 0.5}], "c": True}, "x")
    for bad in ({"a": [float("nan")]}, [[[float("inf")]]], {"a": 10**400}):
        with pytest.raises(ConfigError, match="finite"):
            check_finite(bad, "x")
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(ConfigError, match="within"):
        check_finite(deep, "x")

"""Reading text, YAML and JSON that anybody may have written: regular files, bounded, of plain values.

No file makes the reader wait, fills the memory or calls for more work than its size: pipes and devices are
not read, YAML's aliases are refused (a few lines of them unfold to gigabytes), and so are the notations whose
numbers grow without bound.
"""

import json
import math
import os
import re
import stat
from pathlib import Path
from typing import Any, ClassVar

import yaml

from core.errors import ConfigError

__all__ = [
    "MAX_BYTES",
    "PlainLoader",
    "check_finite",
    "check_no_aliases",
    "is_number",
    "parse_json",
    "parse_yaml",
    "read_json",
    "read_text",
    "read_yaml",
]

MAX_BYTES = 1 << 20  # of a file that somebody may write by hand; the largest of ours have a tenth of that
_DEEPEST = 64  # lists within lists
# Each is a part of what YAML 1.1 takes for such a value: what PyYAML writes without quotes stays a text.
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)$")
_FLOAT = re.compile(
    r"(?:[-+]?[0-9]+\.[0-9]*(?:[eE][-+][0-9]+)?|\.[0-9]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
    r"|\.(?:nan|NaN|NAN))$"
)
_BOOL = re.compile(r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$")
_NULL = re.compile(r"(?:~|null|Null|NULL|)$")


class PlainLoader(yaml.SafeLoader):
    """YAML's texts, numbers, truth values, lists and mappings: no dates, no numbers of base 60, no alias."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    yaml_constructors: ClassVar[dict[Any, Any]] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases: a file of ten lines could unfold to gigabytes."""
        if self.check_event(yaml.AliasEvent):
            raise _refused(self.peek_event())  # type: ignore[no-untyped-call]  # of PyYAML
        return super().compose_node(parent, index)


def _refused(event: Any) -> yaml.YAMLError:
    text = "an alias (*name) is not read here; write out what it stands for"
    return yaml.constructor.ConstructorError(None, None, text, event.start_mark)


_C_LOADER: Any = getattr(yaml, "CSafeLoader", None)  # libyaml: ten times as fast


def _plain_kinds(loader: Any) -> None:
    for tag, pattern, first in (
        ("bool", _BOOL, list("yYnNtTfFoO")),
        ("int", _INT, list("-+0123456789")),
        ("float", _FLOAT, list("-+0123456789.")),
        ("null", _NULL, ["~", "n", "N", ""]),
    ):
        loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", pattern, first)
    known = yaml.SafeLoader.yaml_constructors
    for tag in ("bool", "null", "str", "seq", "map"):
        loader.add_constructor(f"tag:yaml.org,2002:{tag}", known[f"tag:yaml.org,2002:{tag}"])
    loader.add_constructor("tag:yaml.org,2002:int", lambda of, node: int(of.construct_scalar(node)))
    loader.add_constructor("tag:yaml.org,2002:float", lambda of, node: _float(of.construct_scalar(node)))
    loader.add_constructor(None, known[None])


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_plain_kinds(PlainLoader)


class _FastLoader(_C_LOADER or PlainLoader):  # type: ignore[misc]  # chosen when it runs
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
    yaml_constructors: ClassVar[dict[Any, Any]] = {}


_plain_kinds(_FastLoader)


def read_text(path: Path, max_bytes: int = MAX_BYTES) -> str:
    """Read a text file of bounded size.

    Raises:
        OSError: It cannot be opened or read.
        ConfigError: It is no regular file, too large, or no UTF-8 text.
    """
    # A pipe that nobody writes to would be waited for; Windows has no such flag, and no such files.
    flags = getattr(os, "O_NONBLOCK", 0)
    with open(path, "rb", opener=lambda name, mode: os.open(name, mode | flags)) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise ConfigError(f"{path} is not a regular file; put one in its place.")
        data = file.read(max_bytes + 1) if facts.st_size <= max_bytes else b""
    if max(facts.st_size, len(data)) > max_bytes:
        raise ConfigError(f"{path} has more than {_size(max_bytes)}; a file like this has far less.")
    try:
        return data.decode(json.detect_encoding(data))  # an editor may have left a mark of byte order
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is no UTF-8 text; save it as such.") from None


def read_yaml(path: Path, max_bytes: int = MAX_BYTES) -> Any:
    """Read a YAML file of plain values.

    Raises:
        OSError: It cannot be opened or read.
        ConfigError: It is no such file; the message names the line.
    """
    return parse_yaml(read_text(path, max_bytes), str(path))


def parse_yaml(text: str, source: str) -> Any:
    """Return the plain values of a YAML text.

    Raises:
        ConfigError: It is none; the message names the line.
    """
    try:
        check_no_aliases(text)
        return yaml.load(text, Loader=_FastLoader)
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "a value cannot be read"
        raise ConfigError(f"{source}{line} is not YAML that can be read: {problem}.") from error


def check_no_aliases(text: str) -> None:
    """Check that a YAML text has no aliases, before anything unfolds it.

    Raises:
        yaml.YAMLError: It has one, or is no YAML.
    """
    if "*" not in text or "&" not in text:  # nothing to refer to, or nothing that refers
        return
    for event in yaml.parse(text, Loader=_C_LOADER or yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _refused(event)


def read_json(path: Path, max_bytes: int = MAX_BYTES) -> Any:
    """Read a JSON file.

    Raises:
        OSError: It cannot be opened or read.
        ConfigError: It is no such file.
    """
    return parse_json(read_text(path, max_bytes), str(path))


def parse_json(text: str, source: str) -> Any:
    """Return the values of a JSON text.

    Raises:
        ConfigError: It is none.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError(f"{source}{line} is not JSON that can be read.") from error


def is_number(value: Any) -> bool:
    """Whether a value is a finite number, and none that a float cannot hold.

    >>> is_number(1), is_number(float("nan")), is_number(True), is_number(10**400)
    (True, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def check_finite(data: Any, source: str, depth: int = 0) -> None:
    """Check that every number in plain values is finite, and that they are not nested without end.

    Raises:
        ConfigError: One is not.
    """
    if isinstance(data, dict | list):
        if depth > _DEEPEST:
            raise ConfigError(f"{source} holds lists within lists within lists, and is left out.")
        for value in data.values() if isinstance(data, dict) else data:
            check_finite(value, source, depth + 1)
    elif isinstance(data, int | float) and not isinstance(data, bool) and not is_number(data):
        raise ConfigError(f"{source} holds a number that is not finite.")


def _size(n: int) -> str:
    return f"{n >> 20} MB" if n >= 1 << 20 else f"{n >> 10} kB"

"""Reads a profile's YAML; each error names the line, and what belongs there."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.plain_file import PlainLoader
from server.midi.bindings.binding import Binding
from server.midi.profiles.row import KEYS, Row

__all__ = ["FORMAT", "parse"]

FORMAT = 1


def parse(text: str, path: Path) -> tuple[tuple[Binding, ...], tuple[str, ...]]:
    """Read the bindings of a profile's text, and the problems of those that cannot be read.

    Raises:
        ConfigError: Nothing of it can be read.
        yaml.YAMLError: It is not YAML.
    """
    loader = PlainLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return (), ()
        top = _entries(loader, root, path, ("format", "device", "bindings"))
        if top.get("format", (None, 1))[0] != FORMAT:
            raise ConfigError(f"{path}:1: this is another format. Begin the file with `format: {FORMAT}`.")
        return _bindings(loader, root, path)
    finally:
        loader.dispose()


def _bindings(
    loader: yaml.SafeLoader, root: yaml.Node, path: Path
) -> tuple[tuple[Binding, ...], tuple[str, ...]]:
    found: list[Binding] = []
    problems: list[str] = []
    for key, rows in root.value:
        if key.value != "bindings":
            continue
        if not isinstance(rows, yaml.SequenceNode):
            raise ConfigError(
                f"{path}:{_line(rows)}: `bindings` has to be a list. Begin each binding with `- control:`."
            )
        for row in rows.value:
            try:
                found.append(Row(_entries(loader, row, path, KEYS), path, _line(row)).binding())
            except ConfigError as error:
                problems.append(str(error))
    return tuple(found), tuple(problems)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _entries(
    loader: yaml.SafeLoader, node: yaml.Node, path: Path, known: Iterable[str]
) -> dict[str, tuple[Any, int]]:
    """Return the value and the line of each key."""
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(
            f"{path}:{_line(node)}: there is no key here. Write lines such as `control: cc 21`."
        )
    entries: dict[str, tuple[Any, int]] = {}
    for key, value in node.value:
        name = str(key.value)
        if name not in known:
            hint = did_you_mean(name, list(known))
            raise ConfigError(f"{path}:{_line(key)}: there is no '{name}' here; {hint}")
        if name in entries:
            raise ConfigError(f"{path}:{_line(key)}: '{name}' is given twice. Keep one.")
        entries[name] = (
            loader.construct_object(value, deep=True) if name != "bindings" else None,
            _line(value),
        )
    return entries

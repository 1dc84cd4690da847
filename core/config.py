"""Settings: frozen dataclasses, YAML on top, later wins, an unknown key names the nearest."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from core.errors import ConfigError
from core.nearest import did_you_mean
from core.plain_file import parse_yaml, read_yaml

__all__ = ["build", "merge", "read_settings"]

T = TypeVar("T")


def read_settings(files: Sequence[Path], assignments: Sequence[str] = ()) -> dict[str, Any]:
    """Read YAML files and `key.key=value` assignments into one mapping; later wins.

    Raises:
        ConfigError: A file is missing or no mapping, or an assignment has no `=`.
    """
    settings: dict[str, Any] = {}
    for file in files:
        try:
            data = read_yaml(file)
        except FileNotFoundError:
            raise ConfigError(f"there is no configuration at {file}.") from None
        except OSError as error:
            raise ConfigError(f"{file} cannot be read: {error.strerror}; check the path.") from error
        if not isinstance(data, dict):
            raise ConfigError(f"{file} must hold `key: value` lines.")
        settings = merge(settings, data)
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(f"--set {assignment}: write key=value, such as --set seed=3.")
        nested: Any = parse_yaml(value, f"--set {assignment}")
        for part in reversed(key.split(".")):
            nested = {part: nested}
        settings = merge(settings, nested)
    return settings


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one mapping over another, key by key and all the way down.

    >>> merge({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}})
    {'a': {'b': 3, 'c': 2}}
    """
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        result[key] = merge(old, value) if both else value  # type: ignore[arg-type]
    return result


def build(kind: type[T], settings: Mapping[str, Any], where: str = "") -> T:
    """Build a settings dataclass from a mapping, nested ones too.

    Args:
        kind: The dataclass.
        settings: Its values; an absent one keeps its default.
        where: Path of keys leading there, for messages.

    Raises:
        ConfigError: A key is unknown or missing, or a value has the wrong type.
    """
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in settings.items():
        name = f"{where}{key}"
        if key not in hints:
            raise ConfigError(f"there is no setting '{name}'; {did_you_mean(str(key), hints)}")
        values[key] = _value(hints[key], value, name)
    try:
        return kind(**values)
    except TypeError:
        missing = [f.name for f in fields(kind) if f.name not in values]  # type: ignore[arg-type]
        raise ConfigError(f"settings lack one of: {where}{', '.join(missing)}.") from None


def _value(hint: Any, value: Any, name: str) -> Any:
    allowed = get_args(hint) if get_origin(hint) in (Union, UnionType) else (get_origin(hint) or hint,)
    nested = next((a for a in allowed if isinstance(a, type) and is_dataclass(a)), None)
    if nested is not None and not (value is None and NoneType in allowed):
        if not isinstance(value, Mapping):
            raise ConfigError(f"'{name}' holds settings of its own, not {value!r}.")
        return build(nested, value, f"{name}.")
    if Path in allowed and isinstance(value, str):
        return Path(value)
    if float in allowed and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool) != (bool in allowed) or not isinstance(value, allowed):
        wanted = " or ".join(getattr(a, "__name__", str(a)) for a in allowed)
        raise ConfigError(f"'{name}' is {value!r}, but must be of type {wanted}.")
    return value

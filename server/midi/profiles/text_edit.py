"""Changes the bindings in a profile's text, and keeps every other line that its owner wrote.

Only the lines of removed bindings are taken out, and new bindings are put behind the last. Comments,
order and spelling of everything else stay.
"""

from collections.abc import Sequence
from typing import Any

import yaml

__all__ = ["edit_rows"]


def edit_rows(text: str, kept: Sequence[bool], added: Sequence[dict[str, Any]]) -> str | None:
    """Remove rows from the `bindings` of a YAML text, and add others behind the last.

    Args:
        text: As the file has it; it can be read.
        kept: Of each row that is there, in order, whether it stays.
        added: New rows.

    Returns:
        The text, or None where it is written in a way that lines cannot be told apart.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    rows = _rows(root)
    if rows is None or len(rows) != len(kept) or not (any(kept) or added):
        return None
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    spans = [(row.start_mark.line, _last_line(row)) for row in rows]
    if any(not lines[first].lstrip().startswith("-") for first, _ in spans):
        return None
    if any(one[1] >= other[0] for one, other in zip(spans, spans[1:], strict=False)):
        return None  # two rows on one line
    first_line = lines[spans[0][0]]
    indent = first_line[: len(first_line) - len(first_line.lstrip())]
    new = yaml.safe_dump(list(added), sort_keys=False, allow_unicode=True) if added else ""
    last_line = spans[-1][1]
    edited: list[str] = []
    for number, line in enumerate(lines):
        removed = any(
            first <= number <= last and not stays for (first, last), stays in zip(spans, kept, strict=True)
        )
        if not removed:
            edited.append(line)
        if number == last_line:
            edited += [indent + one for one in new.splitlines(keepends=True)]
    return "".join(edited)


def _rows(root: yaml.Node | None) -> list[yaml.Node] | None:
    """Return the rows of `bindings`; None where they are not a list with a line for each."""
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    for key, value in root.value:
        if key.value == "bindings":
            block = isinstance(value, yaml.SequenceNode) and value.value and not value.flow_style
            return list(value.value) if block else None
    return None


def _last_line(node: yaml.Node) -> int:
    """Return the last line of a node that holds anything; its end mark may lie behind comments."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        return max(_last_line(value) for _, value in node.value)
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return max(_last_line(value) for value in node.value)
    end = node.end_mark
    return int(end.line if end.column else max(end.line - 1, node.start_mark.line))

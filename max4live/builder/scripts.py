"""The scripts that go into a device: those that its boxes name, and those that these `require`."""

import re
from collections.abc import Iterable
from pathlib import Path

from max4live.builder.errors import DesignError

__all__ = ["ports_in", "shortened", "with_required"]

_REQUIRE = re.compile(r"""\brequire\(\s*["']([\w./-]+)["']\s*\)""")
# Provided by Node or by Max, so not files of ours.
_NODE_MODULES = {"max-api", "fs", "path", "os", "child_process", "dgram", "readline"}
# Behind code with whole texts, not within one.
_COMMENT = re.compile(rb"""^((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^"'])*?)(?:^\s*//|\s//\s).*$""")
_PORTS = {side: re.compile(rf"^(?:var\s+)?{side}\s*=\s*(\d+)", re.M) for side in ("inlets", "outlets")}


def with_required(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Read scripts and icons by bare name, from a folder and those in it, and what the scripts require.

    Line ends become those in git, so that the bytes are the same on every system.

    Raises:
        DesignError: One is missing.
    """
    found: dict[str, bytes] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = next(folder.rglob(name), folder / name).read_bytes().replace(b"\r\n", b"\n")
        except OSError as error:
            raise DesignError(f"{folder.name}/{name} is needed by a device: {error.strerror}") from None
        for required in _REQUIRE.findall(found[name].decode()):
            bare = required.removeprefix("./")
            if bare.removeprefix("node:") not in _NODE_MODULES:
                waiting.append(bare if bare.endswith(".js") else f"{bare}.js")
    return dict(sorted(found.items()))


def shortened(source: bytes) -> bytes:
    r"""Return a script without comments and empty lines, its lines indented by one space at most.

    >>> shortened(b'// Why.\nif (a) {\n\n  b("// "); // so\n}\n').decode()
    'if (a) {\n b("// ");\n}\n'
    """
    lines = (_COMMENT.sub(rb"\1", line).rstrip() for line in source.splitlines())
    return b"".join(b" " * line.startswith(b" ") + line.lstrip() + b"\n" for line in lines if line)


def ports_in(source: str) -> tuple[int, int]:
    """Return the inlets and outlets that a script declares at the start of a line; one each by default."""
    found = (_PORTS[side].findall(source) for side in ("inlets", "outlets"))
    inlets, outlets = (int(numbers[-1]) if numbers else 1 for numbers in found)
    return inlets, outlets

"""What can happen to a file that somebody brings: cut, damaged byte by byte, or with other values in it."""

import json

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.errors import BridgeError

__all__ = ["attack", "holds", "mutated", "truncations", "with_other_values"]

attack = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

ODD = [
    None, True, -1, 0, 10**400, float("nan"), float("inf"), -float("inf"), 1e308, "", "\0", "x" * 300,
    "../../x", [], {}, [[]], {"": {}}, [float("nan")] * 3, "𝔘\u200d\u202e",
]  # fmt: skip


def truncations(data: bytes):
    """Every length of a file, shortest first."""
    return (data[:n] for n in range(len(data) + 1))


@st.composite
def mutated(draw, data: bytes):
    """A file with some bytes changed, taken out, put in or repeated."""
    result = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(len(result) - 1, 0)))
        length = draw(st.integers(0, 40))
        match draw(st.sampled_from(["change", "remove", "insert", "repeat", "cut"])):
            case "change" if result:
                result[at] = draw(st.integers(0, 255))
            case "remove":
                del result[at : at + length]
            case "insert":
                result[at:at] = draw(
                    st.binary(max_size=12) | st.sampled_from([b"&a ", b"*a", b"[[", b"{", b"\xff", b"~"])
                )
            case "repeat":
                result[at:at] = bytes(result[at : at + length]) * draw(st.integers(1, 3))
            case "cut":
                del result[at:]
    return bytes(result)


@st.composite
def with_other_values(draw, plain):
    """Plain values with one or two of them replaced, removed or renamed, anywhere inside."""
    copy = json.loads(json.dumps(plain))
    for _ in range(draw(st.integers(1, 2))):
        node = copy
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and node[key] and draw(st.booleans()):
                node = node[key]
                continue
            match draw(st.sampled_from(["replace", "remove", "rename"])):
                case "rename" if isinstance(node, dict):
                    node[draw(st.sampled_from(["name", "", "x", "format", "\0"]))] = node.pop(key)
                case "remove":
                    del node[key]
                case _:
                    node[key] = draw(st.sampled_from(ODD))
            break
    return copy


def holds(read, *given):
    """What a reader returns, or None where it refuses in one sentence."""
    try:
        return read(*given)
    except BridgeError as error:
        assert 10 < len(str(error)) < 600, error
        return None

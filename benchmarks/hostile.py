"""A running server under hostile packets: mutations of valid ones, and some that are known to kill servers.

    python -m benchmarks.hostile [--count 1000000] [--model NAME]

A ping must be answered every hundred packets. The same seed gives the same packets.
"""

import argparse
import random
import socket
import struct
import sys
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from benchmarks.rig.server_process import free_port, our_server
from core.command import exit_status
from core.errors import DeviceError
from models.installed import find_model
from server.client import Client
from server.osc.addresses import TO_SERVER, Value
from server.osc.builder import build
from server.osc.fitting import Sizes

__all__ = ["attack", "mutations", "valid_packets"]

_SYNC_EVERY = 100  # packets between pings; the socket's buffer holds that many
_PONG_S = 5.0


def main(given: list[str] | None = None) -> int:
    """Attack a server that is started for this, and print what became of it."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--count", type=int, default=1_000_000, help="number of packets (%(default)s)")
    p.add_argument("--seed", type=int, default=0, help="seed of the mutations (%(default)s)")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    import psutil

    port = free_port()
    with our_server(port, str(find_model(options.model))) as (process, client):
        attack(client, port, 25_000, options.seed + 1)  # 512 presets, a reloaded model: once
        memory = psutil.Process(process.pid).memory_info
        before, start = memory().rss, perf_counter()
        slowest = attack(client, port, options.count, options.seed)
        taken, after = perf_counter() - start, memory().rss
        client.send("/flow/health")
        health = client.wait_for("/flow/health") or [0.0, 0.0, 0, 0, 0]
    print(
        f"{options.count} packets in {taken:.0f} s; every ping was answered, the slowest after "
        f"{slowest * 1e3:.1f} ms\n"
        f"received {health[2]}, coalesced {health[3]}, refused {health[4]}\n"
        f"resident memory {before / 2**20:.1f} MiB before, {after / 2**20:.1f} after"
    )


def attack(client: Client, port: int, count: int, seed: int) -> float:
    """Send mutated packets, and in between pings from a well-behaved client.

    Returns:
        The longest time to a pong, in seconds.

    Raises:
        DeviceError: A ping was not answered: the server hangs or has died.
    """
    n_macros, n_latent, n_parameters = (int(v) for v in client.welcome[6:9])
    sizes = Sizes(n_macros=n_macros, n_latent=n_latent, n_parameters=n_parameters)
    packets = valid_packets(sizes, str(client.welcome[4]))
    slowest = 0.0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for n, packet in enumerate(mutations(packets, count, seed)):
            try:
                sock.sendto(packet, ("127.0.0.1", port))
            except OSError:  # longer than a datagram can be
                continue
            if n % _SYNC_EVERY == _SYNC_EVERY - 1:
                slowest = max(slowest, _ping(client, n))
    return slowest


def _ping(client: Client, n: int) -> float:
    start = perf_counter()
    for _ in range(3):  # the pong may be lost among the frames that the attack triggers
        client.send("/flow/ping", n)
        answer = client.wait_for("/flow/pong", _PONG_S)
        while answer is not None and answer[0] != n:
            answer = client.wait_for("/flow/pong", _PONG_S)
        if answer is not None:
            return perf_counter() - start
    raise DeviceError(f"no pong after {n} packets: the server hangs or has died.")


def valid_packets(sizes: Sizes, model: str) -> list[bytes]:
    """Return a valid packet for every address, and some bundles of them."""
    packets = []
    for row in TO_SERVER.values():
        tags = ""
        values: list[Value] = []
        for argument in row.arguments:
            for _ in range(sizes.count(argument.count)):
                tags += argument.type
                values.append(_example(argument.type, argument.name, model))
        packets.append(build(row.address, tags, *values))
    whole = _bundle(*packets[4:6])
    return [*packets, _bundle(packets[1]), whole, _bundle(whole, packets[10]), *_KILLERS]


def _example(kind: str, name: str, model: str) -> Value:
    special: dict[str, Value] = {"reply port": 40_000, "protocol": 1, "kind": "script"}
    if name in special:
        return special[name]
    example: dict[str, Value] = {"i": 1, "f": 0.5, "s": model}
    return example[kind]


def _bundle(*elements: bytes) -> bytes:
    sized = b"".join(struct.pack(">i", len(e)) + e for e in elements)
    return b"#bundle\0\0\0\0\0\0\0\0\1" + sized


_KILLERS = [  # of python-osc 1.10.2
    b"#bundle\0\0\0\0\0\0\0\0\1\xff\xff\xff\xfc",
    b"#bundle\0\xff\xff\xff\xff\0\0\0\0" + struct.pack(">i", 16) + b"/flow/names\0,\0\0\0",
    b"/" + b"*" * 24 + b"!\0\0,\0\0\0",
    b"#bundle\0\0\0\0\0\0\0\0\1\0\0\1\0" * 400,
    b"/flow/\xff\xfe\0\0\0\0,\0\0\0",
]
_INTERESTING = [struct.pack(">i", v) for v in (-1, -4, 0, 1, 4, 2**31 - 1, -(2**31), 0x7FC00000)]
_INTERESTING += [struct.pack(">f", v) for v in (1.0, -1.0, 2.0, float("inf"), float("nan"), 1e38)]
_INTERESTING += [b"\0\0\0\0", b"****", b",iii", b",sss", b"[]{}", b"\xff\xff\xff\xff", b"#bun"]


def mutations(packets: list[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Yield packets with random changes, the same for the same seed.

    Half of them keep their length and most of their structure, so that they get past the guard; the others
    are cut, padded and spliced.
    """
    rng = random.Random(seed)
    for _ in range(count):
        data = bytearray(rng.choice(packets))
        if rng.random() < 0.5:
            for _ in range(rng.randint(1, 2)):
                _replace_word(data, rng)
        else:
            for _ in range(rng.randint(1, 4)):
                _mutate(data, rng, packets)
        yield bytes(data[:9000])


def _replace_word(data: bytearray, rng: random.Random) -> None:
    """Replace four bytes, where a number may be, by another number."""
    n_words = len(data) // 4
    at = 4 * rng.randrange(n_words // 2, max(n_words, 1))
    if rng.random() < 0.5:
        data[at : at + 4] = rng.choice(_INTERESTING)
    else:
        data[at : at + 4] = struct.pack(">f", rng.random())


def _mutate(data: bytearray, rng: random.Random, packets: list[bytes]) -> None:
    """Break the structure of a packet."""
    at = rng.randrange(len(data) + 1)
    aligned = at - at % 4
    match rng.randrange(8):
        case 0:
            data[at : at + 1] = bytes([rng.randrange(256)])
        case 1:
            del data[at : at + rng.randint(1, 8)]
        case 2:
            data[at:at] = rng.randbytes(rng.randint(1, 8))
        case 3:
            data[aligned : aligned + 4] = rng.choice(_INTERESTING)
        case 4:
            del data[at:]
        case 5:
            data[aligned:aligned] = data[: rng.randint(0, 64)]
        case 6:
            other = rng.choice(packets)
            data[aligned:] = other[aligned:]
        case _:
            if data:
                data[at % len(data)] ^= 1 << rng.randrange(8)


if __name__ == "__main__":
    sys.exit(main())

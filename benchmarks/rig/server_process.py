"""Servers in their own processes, for the benchmarks."""

import contextlib
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

from server.client import Client

__all__ = ["ROOT", "free_port", "our_server", "python_process", "wait_until_answers"]

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a UDP port that is free at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def python_process(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run this Python with arguments until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def our_server(port: int, model: str, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], Client]]:
    """Run this program's server, and a client that it has welcomed."""
    with (
        tempfile.TemporaryDirectory() as data,
        python_process(
            "run_server.py",
            *("--model", model, "--port", str(port), "--reply-port", str(free_port())),
            *("--data", data, *options),
        ) as process,
        Client(port, kind="benchmark", timeout_s=30.0) as client,
    ):
        yield process, client


def wait_until_answers(sock: socket.socket, port: int, datagram: bytes, limit_s: float) -> None:
    """Send until something comes back.

    Raises:
        TimeoutError: Nothing came back.
    """
    deadline = monotonic() + limit_s
    sock.settimeout(0.2)
    while monotonic() < deadline:
        sock.sendto(datagram, ("127.0.0.1", port))
        try:
            sock.recv(8192)
        except (TimeoutError, ConnectionError):
            sleep(0.05)
            continue
        return
    raise TimeoutError(f"nothing answers on port {port}")

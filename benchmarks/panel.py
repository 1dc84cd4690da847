"""How much an open panel slows down macros, and how smoothly the map draws ten thousand presets.

    python -m benchmarks.panel [--ordinary]
    python -m benchmarks.panel --priority
    python -m benchmarks.panel --map

The first turns macros and waits for each frame, with the panel closed and open in turns: closed means that no
panel runs; open, that Chromium shows knobs which follow. Both alternate within one run, so whatever else the
machine does affects both. Two times are measured for each frame: when the client received it, and when the
server had sent it, by the kernel's time stamp (Linux); in between, the client itself waits for the processor.
The client stands for Live, so it runs in real time as Live's threads do, and so does the server, as for a
user with that right; with `--ordinary`, neither does. Nothing drives the browser meanwhile: a driver would
take processor time, and a musician has none.

The second leaves the panel open, and runs the server's thread in turn as an ordinary one, with a short slice,
and at the lowest real-time priority (which the user must be allowed, as for audio). The third measures how
fast the map is drawn. All need Chromium: sudo apt-get install chromium
"""

import argparse
import contextlib
import os
import socket
import struct
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter, sleep, time_ns
from typing import Any

import numpy as np

from benchmarks.rig.bare_browser import open_browser
from benchmarks.rig.panel_page import chromium_path, panel_page
from benchmarks.rig.server_process import free_port, our_server
from core.command import exit_status
from core.errors import DeviceError
from core.system.live_priority import SLICE_NS, ask_for_real_time, ask_for_slice
from models.folder import ModelFolder, ModelPresets, write_folder
from models.folder_files import read_tensors
from models.installed import find_model
from server.client import Client
from server.osc.builder import build

_GAP_S = 0.001
# The kernel's time stamp of each datagram: when it reached the socket, on one machine when it was sent.
_SO_TIMESTAMPNS = 35


def main(given: list[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.panel", description=__doc__.split("\n")[0])
    p.add_argument("--model", default="vital-32", help="model name or folder (%(default)s)")
    p.add_argument("--blocks", type=int, default=3, help="times closed and open (%(default)s)")
    p.add_argument("--seconds", type=float, default=8.0, help="length of a block (%(default)s)")
    p.add_argument(
        "--priority", action="store_true", help="instead, compare priorities of the server's thread"
    )
    p.add_argument("--ordinary", action="store_true", help="run as a user without the right to real time")
    p.add_argument("--map", action="store_true", help="instead, draw a map of ten thousand presets")
    options = p.parse_args(given)
    return exit_status(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    _drop_privileges()
    if options.map:
        draw_map()
    elif options.priority:
        compare_priorities(str(find_model(options.model)))
    else:
        compare(str(find_model(options.model)), options.blocks, options.seconds, options.ordinary)


def compare(model: str, blocks: int, seconds: float, ordinary: bool) -> None:
    """Time macros with the panel closed and open, in turns."""
    times: dict[str, list[np.ndarray]] = {"closed": [], "open": []}
    frames: list[float] = []
    busy: list[list[float]] = []
    with our_server(port := free_port(), model) as (process, client):
        # The server asks for this itself, but a child of root without root's rights is not granted it.
        granted = not ordinary and ask_for_real_time() and ask_for_real_time(process.pid)
        _time(client, 1.0)  # warm
        for _ in range(blocks):
            times["closed"].append(_time(client, seconds))
            with panel_page(port, model) as url, open_browser(chromium_path(), url) as browser:
                _time(client, 1.0)
                before, began = browser.evaluate(_COUNT), _busy_s()
                times["open"].append(_time(client, seconds))
                busy.append([(b - a) / seconds for a, b in zip(began, _busy_s(), strict=True)])
                frames.append((browser.evaluate(_COUNT) - before) / seconds)
    how = "in real time" if granted else "as ordinary programs"
    print(f"{blocks} blocks of {seconds:g} s, in turns; client and server run {how}")
    _print_times("panel", times)
    panel, browser_ = np.mean(busy, axis=0)
    print(
        f"the page drew {np.mean(frames):.1f} new states a second; the panel took {panel:.2f} of a core, "
        f"Chromium {browser_:.2f}, on a machine of {os.cpu_count()}"
    )


def compare_priorities(model: str, blocks: int = 20, seconds: float = 1.0) -> None:
    """Time macros with the panel open, with each priority of the server's thread in turn."""
    times: dict[str, list[np.ndarray]] = {"ordinary": [], "short slice": [], "real time": []}
    with our_server(port := free_port(), model) as (process, client):
        with panel_page(port, model) as url, open_browser(chromium_path(), url):
            _time(client, 2.0)  # warm
            for _ in range(blocks):
                for name, parts in times.items():
                    _set_priority(name, process.pid)  # the loop runs in its main thread
                    parts.append(_time(client, seconds))
    print(f"{blocks} blocks of {seconds:g} s with the panel open, in turns")
    _print_times("thread", times)


def _set_priority(name: str, thread: int) -> None:
    if name == "real time":
        granted = ask_for_real_time(thread)
    else:
        os.sched_setscheduler(thread, os.SCHED_OTHER | os.SCHED_RESET_ON_FORK, os.sched_param(0))
        granted = ask_for_slice(SLICE_NS if name == "short slice" else 0, thread)
    if not granted:
        raise DeviceError(
            f"this system does not grant {name}. Linux 6.12 and the right to rtprio are needed."
        )


def _print_times(what: str, times: dict[str, list[np.ndarray]]) -> None:
    """Print p50 and p99 of the times `(n, 2)` until a frame was received and until it was sent, in ms."""
    print("macro to frame in ms")
    print(f"{what:12}{'n':>8}{'p50':>9}{'p99':>9}{'sent: p50':>12}{'p99':>9}   p99 of each block")
    found = {}
    for name, parts in times.items():
        (p50, sent50), (p99, sent99) = np.percentile(np.concatenate(parts), [50, 99], axis=0) * 1e3
        found[name] = np.array((p50, p99, sent50, sent99))
        each = " ".join(f"{np.percentile(part[:, 0], 99) * 1e3:.2f}" for part in parts)
        print(f"{name:12}{sum(map(len, parts)):8}{p50:9.3f}{p99:9.3f}{sent50:12.3f}{sent99:9.3f}   {each}")
    first, before = next(iter(found.items()))
    for name, after in list(found.items())[1:]:
        ratios = "p50 {:.2f}, p99 {:.2f}; sent: p50 {:.2f}, p99 {:.2f}".format(*(after / before))
        print(f"{name} to {first}: {ratios}")


def _busy_s() -> tuple[float, float]:
    """Return the processor time that the panel and the browser have used so far, in seconds."""
    import psutil

    panel = browser = 0.0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            command, times = " ".join(process.cmdline()), process.cpu_times()
            if "-m panel" in command:
                panel += times.user + times.system
            elif "chrom" in command:
                browser += times.user + times.system
    return panel, browser


def draw_map(n_presets: int = 10_000) -> None:
    """Drag and zoom a synthetic map in Chromium, and print what a frame takes."""
    with tempfile.TemporaryDirectory() as folder:
        model = _crowded(Path(folder) / "crowded", n_presets)
        with our_server(port := free_port(), str(model)) as (_, client), _chromium() as browser:
            client.receive_all(0.2)
            with panel_page(port, str(model)) as url, _page(browser, url) as page:
                page.click(".views a[href='#map']")
                page.wait_for_function(f"({_LISTED})() === {n_presets}", timeout=60_000)
                page.evaluate(_WATCH)
                box = page.locator(".map-canvas").bounding_box()
                x, y = box["x"] + 200, box["y"] + 150
                page.mouse.move(x, y)
                page.mouse.down()
                for k in range(150):
                    page.mouse.move(x + 2 * k, y + k)
                page.mouse.up()
                dragged = page.evaluate(_TAKE)
                for k in range(40):
                    page.mouse.wheel(0, -120 if k < 20 else 120)
                page.mouse.move(x + 300, y + 150)  # what was stretched is drawn again
                sleep(0.5)
                zoomed = page.evaluate(_TAKE)
    for name, (draws, gaps) in {"dragging": dragged, "zooming": zoomed}.items():
        print(
            f"{n_presets} presets, {name}: a frame is drawn in {np.median(draws):.1f} ms (p95 "
            f"{np.percentile(draws, 95):.1f}, most {np.max(draws):.1f}), {np.median(gaps):.1f} ms from frame "
            f"to frame (p95 {np.percentile(gaps, 95):.1f})"
        )


_LISTED = """() => [...document.querySelectorAll('.map-legend small')]
    .reduce((n, e) => n + Number(e.innerText), 0)"""
_COUNT = """window.n === undefined
    ? (window.n = 0, flow.subscribe('macros', () => window.n++), 0) : window.n"""
_WATCH = """() => { window.gaps = []; let last = 0;
    const watch = (now) => { if (last) gaps.push(now - last); last = now; requestAnimationFrame(watch); };
    requestAnimationFrame(watch); document.querySelector('.map-canvas').frameTimes.length = 0; }"""
_TAKE = """() => { const draws = document.querySelector('.map-canvas').frameTimes;
    return [draws.splice(0), window.gaps.splice(0)]; }"""


def _time(client: Client, seconds: float) -> np.ndarray:
    """Turn macros one after another for some seconds, and return how long each frame took, in seconds.

    Returns:
        `(n, 2)`: until the client received it, and until the server had sent it; nan where the system does
        not tell.
    """
    rng = np.random.default_rng(0)
    client.hello()  # the server forgets clients that were silent while the panel started
    client.receive_all(0.2)
    sock = client.sock
    sock.settimeout(2.0)
    if sys.platform == "linux":
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    taken = []
    end = perf_counter() + seconds
    while perf_counter() < end:
        datagram = build("/flow/macro", "if", int(rng.integers(8)), float(rng.uniform()))
        start, clock = perf_counter(), time_ns()
        client.send_raw(datagram)
        stamp = float("nan")
        while True:
            frame, stamps, _, _ = sock.recvmsg(8192, 64)
            if frame.startswith(b"/flow/params"):
                break
        felt = perf_counter() - start
        for _, kind, data in stamps:
            if kind == _SO_TIMESTAMPNS:
                at_s, at_ns = struct.unpack("qq", data[:16])
                stamp = (at_s * 10**9 + at_ns - clock) * 1e-9
        taken.append((felt, stamp))
        sleep(_GAP_S)
    return np.array(taken)


def _drop_privileges() -> None:
    """Drop the right to priorities for all children: as root, Chromium would rank above the server."""
    if sys.platform == "linux":
        import ctypes

        pr_capbset_drop, cap_sys_nice = 24, 23
        ctypes.CDLL(None).prctl(
            pr_capbset_drop, cap_sys_nice, 0, 0, 0
        )  # refused without root, and not needed then


def _crowded(path: Path, n: int) -> Path:
    """Write the shipped model with its presets scattered until there are n."""
    shipped = ModelFolder.load(find_model("vital-32"))
    rng = np.random.default_rng(0)
    chosen = rng.integers(len(shipped.presets), size=n)
    places = shipped.presets.places[chosen] + rng.normal(0.0, 0.03, (n, 2))
    write_folder(
        path,
        space=shipped.space,
        weights=read_tensors(shipped.path / "weights.safetensors"),
        macros=shipped.macros,
        presets=ModelPresets(
            names=tuple(f"{shipped.presets.names[j]} {k}" for k, j in enumerate(chosen)),
            kinds=tuple(shipped.presets.kinds[j] for j in chosen),
            places=np.clip(places, 0.0, 1.0).astype(np.float32),
            latents=shipped.presets.latents[chosen],
            patches=shipped.presets.patches[chosen],
        ),
        settings=shipped.settings,
    )
    return path


@contextlib.contextmanager
def _chromium() -> Iterator[Any]:
    """Run Chromium under Playwright, which can move its mouse."""
    path = chromium_path()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextlib.contextmanager
def _page(browser: Any, url: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(url, timeout=60_000)
    page.wait_for_selector(".knob", timeout=60_000)
    deadline = monotonic() + 60.0
    while not page.locator(".lamp.is-on").count() and monotonic() < deadline:
        sleep(0.1)
    yield page
    context.close()


if __name__ == "__main__":
    sys.exit(main())

"""The panel and a browser, both real; one of each for a whole file, because they take seconds to start."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from models.installed import find_model
from tests.support.live import ROOT, Running, eventually, free_port, running_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MOST_MEMORY = 350e6  # bytes of the panel's process, whatever a file of tests has played in it


@dataclass
class House:
    """A server with its panel, and the address of the page."""

    server: Running
    url: str
    port: int
    data: Path


def free_tcp_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def address_in(said) -> str:
    """Wait for the line that says where the panel is."""
    assert eventually(lambda: "?token=" in said(), 60.0), said()
    return re.search(r"panel: (http\S+)", said())[1]


@contextlib.contextmanager
def house_of(model: Path, data: Path, *options: str):
    """Run run_server.py --panel."""
    port = free_tcp_port()
    with running_server(model, data, "--panel", "--panel-port", str(port), *options) as server:
        yield House(server, address_in(server.said), port, data)


@contextlib.contextmanager
def panel_alone(server_port: int, data: Path):
    """Run the panel without a server; its process and address."""
    data.mkdir(parents=True, exist_ok=True)
    log = data / "panel-log.txt"
    command = [sys.executable, "-m", "panel", "--port", str(free_tcp_port())]
    command += ["--server-port", str(server_port), "--data", str(data)]
    with log.open("w") as stream:
        process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream)
    try:
        yield process, address_in(lambda: log.read_text())
    finally:
        process.terminate()
        process.wait(10)


def view(page, name):
    """Go to a view."""
    page.click(f".views a[href='#{name}']")
    page.wait_for_selector(f"#view-{name}", state="visible")


def device(house, **options):
    """Connect as a device does."""
    return house.server.client(**options)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The shipped model, its engine, and the panel."""
    with house_of(find_model("vital-32"), tmp_path_factory.mktemp("data with ä")) as house:
        yield house
        assert (used := _panel_of(house).memory_info().rss) < MOST_MEMORY, f"{used / 1e6:.0f} MB"


def _panel_of(house) -> psutil.Process:
    children = psutil.Process(house.server.process.pid).children()
    return next(one for one in children if "panel" in one.cmdline())


@pytest.fixture(scope="session")
def chromium():
    """A browser."""
    api = pytest.importorskip("playwright.sync_api", reason='no Playwright: pip install -e ".[test]"')
    if CHROMIUM is None:
        pytest.skip("no browser: sudo apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visit(chromium):
    """Give what opens an address in a browser of its own; an error on the page fails the test."""
    contexts, wrong = [], []

    def open_page(url: str, before: str = "", **options):
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        context.set_default_timeout(60_000)
        context.add_init_script(before)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.requested = []
        page.on("request", lambda request: page.requested.append(request.url))
        page.goto(url)
        page.wait_for_selector(".knob")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def shared(house, visit):
    """A page that the tests of a file share: opening one takes longer than most of them."""
    return visit(house.url)


@pytest.fixture
def page(shared):
    """The shared page, on the first view."""
    shared.click(".views a[href='#play']")
    return shared


__all__ = ["House", "device", "free_port", "house_of", "panel_alone", "view"]

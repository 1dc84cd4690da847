"""Make the pictures of docs/images/panel: every view of the panel, dark, light, on a tablet and on a phone.

    python -m tests.panel.pictures [dark] [light] [tablet] [phone]

Look at each of them afterwards; that is what they are for.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from models.installed import find_model
from tests.panel.conftest import CHROMIUM, house_of
from tests.support.live import ROOT, eventually

FOLDER = ROOT / "docs" / "images" / "panel"
VIEWS = ("play", "map", "understand", "sketch", "connect")
SIZES = {"tablet": {"width": 820, "height": 1180}, "phone": {"width": 390, "height": 844}}
DESK = {"width": 1280, "height": 860}


def open_page(browser, url: str, scheme: str, size: dict) -> Page:
    page = browser.new_context(viewport=size, color_scheme=scheme, has_touch=size != DESK).new_page()
    page.set_default_timeout(200_000)
    page.goto(url)
    page.wait_for_selector(".lamp.is-on", state="attached")
    page.wait_for_selector(".knob", state="attached")
    page.add_style_tag(content=".sound-said { visibility: hidden }")  # how often this busy machine ran dry
    return page


def show(page: Page, view: str) -> None:
    page.evaluate(f"location.hash = '#{view}'")
    time.sleep(1.5)


def bind(house) -> None:
    """Learn two faders of another program, which needs no hardware; the second is still to be caught."""
    with house.server.client() as client:
        for k, top in ((0, 0.7), (4, 0.3)):
            client.send("/flow/macro", k, 0.4)
            client.send("/flow/learn", k)
            time.sleep(0.2)
            for _ in range(2):  # the first time it is learned, the second time it takes hold
                for step in range(60):
                    client.send(f"/mixer/fader{k + 1}", top * step / 60)
                    time.sleep(0.01)
                time.sleep(0.5)
        client.send("/flow/macro", 4, 0.8)


def play_a_little(page: Page, folder: Path) -> None:
    """Store snapshots, freeze, draw a path, test, and sketch: pages with something on them."""
    show(page, "play")
    for slot in "ABC":
        page.locator(".pad", has_text=slot).click()
        page.get_by_role("button", name="Vary").click()
        time.sleep(0.8)
    page.locator(".knob-freeze").nth(2).click()
    show(page, "map")
    page.get_by_role("button", name="Draw a path").click()
    box = page.locator(".map-canvas").bounding_box()
    turns = [(110, 330), (180, 180), (290, 240), (390, 120), (530, 250), (690, 200)]
    page.mouse.move(box["x"] + turns[0][0], box["y"] + turns[0][1])
    page.mouse.down()
    for x, y in turns[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
    page.mouse.up()
    show(page, "connect")
    page.get_by_role("button", name="Test for").click()
    page.wait_for_selector(".histogram")
    show(page, "sketch")
    t = np.arange(33_075) / 22_050
    tone = sum(np.sin(2 * np.pi * 196 * k * t) / k for k in range(1, 14)) * np.exp(-1.6 * t)
    soundfile.write(folder / "tone.wav", 0.3 * tone, 22_050)
    page.set_input_files("#view-sketch input[type=file]", folder / "tone.wav")
    eventually(lambda: page.locator(".record-state").inner_text().startswith("Done"), 120.0)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        house_of(find_model("vital-32"), Path(folder) / "data", "--oscquery") as house,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in sys.argv[1:] or ("dark", "light", "tablet", "phone"):
            scheme, size = ("light" if name == "light" else "dark"), SIZES.get(name, DESK)
            page = open_page(browser, house.url, scheme, size)
            if name == "dark":  # the others show what was done there
                play_a_little(page, Path(folder))
                bind(house)
            for view in VIEWS:
                show(page, view)
                if view in ("understand", "sketch"):
                    eventually(lambda page=page: page.get_by_text("drawing", exact=True).count() == 0, 20.0)
                path = FOLDER / f"{view}-{name}.png"
                page.screenshot(path=path)
                Image.open(path).convert("RGB").save(path, optimize=True)
                print(path.relative_to(ROOT), path.stat().st_size // 1024, "KiB")
        browser.close()


if __name__ == "__main__":
    main()

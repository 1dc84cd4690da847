"""What goes out and in by way of the browser: a preset dragged out, its microphone, and the whole screen."""

import json
from urllib.parse import urlsplit

import numpy as np
import pytest
import soundfile

from tests.panel.conftest import CHROMIUM, view
from tests.support.live import eventually

pytestmark = pytest.mark.real

HERTZ = 330.0


@pytest.fixture(scope="module")
def chromium(chromium, tmp_path_factory):
    """Another browser, whose microphone hears a file over and over; it asks nobody before it listens."""
    heard = tmp_path_factory.mktemp("heard") / "tone.wav"
    t = np.arange(44_100 * 4) / 44_100
    tone = sum(np.sin(2 * np.pi * HERTZ * n * t) / n for n in range(1, 6)) * 0.2
    soundfile.write(heard, tone, 44_100, subtype="PCM_16")
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-audio-capture={heard}",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def shared(house, visit):
    """A page that may listen."""
    return visit(house.url, permissions=["microphone"])


def test_a_preset_is_dragged_out_as_a_file(house, visit):
    """Where it is dropped, the browser makes a file of that name from what it fetches at the address."""
    page = visit(house.url)  # of its own: its mouse goes on dragging
    browser, intercepted = page.context.new_cdp_session(page), []
    browser.on("Input.dragIntercepted", lambda drag: intercepted.append(drag["data"]["items"]))
    browser.send("Input.setInterceptDrags", {"enabled": True})
    page.get_by_role("button", name="More about this preset").click()
    box = page.get_by_role("menuitem", name="Download .vital").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for kind, dx in (("mousePressed", 0), ("mouseMoved", 15), ("mouseMoved", 90)):
        browser.send(
            "Input.dispatchMouseEvent",
            {"type": kind, "x": x - dx, "y": y, "button": "left", "buttons": 1, "clickCount": 1},
        )
    assert eventually(lambda: (page.wait_for_timeout(50), len(intercepted))[1] == 1)
    (dragged,) = [item["data"] for item in intercepted[0] if item["mimeType"] == "downloadurl"]
    kind, name, address = dragged.split(":", 2)
    assert kind == "application/octet-stream" and name.endswith(".vital")
    assert urlsplit(address).netloc == urlsplit(house.url).netloc and "token" not in address
    answer = page.request.get(address)
    assert answer.status == 200 and "settings" in json.loads(answer.body())
    page.context.close()


def test_it_is_downloaded_under_the_same_name(page):
    if not page.locator(".preset-more .menu").is_visible():
        page.get_by_role("button", name="More about this preset").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Download .vital").click()
    assert download.value.suggested_filename.endswith(".vital")
    assert "settings" in json.loads(download.value.path().read_bytes())


def test_the_browsers_microphone_is_sketched(house, page, tmp_path):
    view(page, "sketch")
    page.get_by_role("button", name="Record in this browser").click()
    stop = page.get_by_role("button", name="Stop", exact=True)
    stop.wait_for()
    page.wait_for_timeout(1_500)
    stop.click()
    target = house.url.split("?")[0] + "panel/target.wav"
    assert eventually(lambda: page.request.get(target).status == 200, 30.0)
    (tmp_path / "heard.wav").write_bytes(page.request.get(target).body())
    audio, rate = soundfile.read(tmp_path / "heard.wav")
    assert 0.8 < len(audio) / rate < 10.0
    middle = audio[len(audio) // 3 :][: rate // 2]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * rate / len(middle) == pytest.approx(HERTZ, abs=4.0)
    assert eventually(lambda: page.locator(".candidate").count() > 0, 90.0)


def test_a_microphone_that_is_not_allowed_is_a_plain_line(house, visit):
    page = visit(house.url)
    view(page, "sketch")
    page.get_by_role("button", name="Record in this browser").click()
    assert eventually(lambda: "Allow it beside the address" in page.locator(".sound-input").inner_text())
    page.context.close()


def test_the_page_fills_the_screen_and_comes_back(page):
    button = page.get_by_role("button", name="Full screen")
    button.click()
    assert eventually(lambda: page.evaluate("() => document.fullscreenElement !== null"))
    button.click()
    assert eventually(lambda: page.evaluate("() => document.fullscreenElement === null"))

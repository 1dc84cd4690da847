"""The page in Chromium, on the real server with the shipped model and its engine."""

import time
from urllib.parse import urlsplit

import numpy as np
import pytest
import soundfile

from models.installed import find_model
from tests.panel.conftest import device, panel_alone, view
from tests.support.live import eventually, free_port, running_server

pytestmark = pytest.mark.real


def knob(page, k):
    return page.locator(f".knob [data-k='{k}']")


def shown(page, k):
    return int(knob(page, k).get_attribute("aria-valuenow"))


def all_said(page):
    return page.locator(".messages").text_content()


def test_a_knob_turned_in_the_browser_is_a_frame(house, page):
    with device(house) as client:
        client.receive_all(0.2)
        box = knob(page, 0).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = shown(page, 0)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x, y - 60 if before < 60 else y + 60, steps=6)
        page.mouse.up()
        frame, macros = None, None
        for address, values in client.receive_all(1.0):
            frame = values if address == "/flow/params" else frame
            macros = values if address == "/flow/macros" else macros
        assert frame is not None and len(frame) == 33
        assert macros[0] * 100 == pytest.approx(shown(page, 0), abs=1.0)
        assert abs(shown(page, 0) - before) > 15


def test_keys_turn_a_knob_and_enter_freezes_it(house, page):
    with device(house) as client:
        client.send("/flow/macro", 2, 0.5)
        assert eventually(lambda: shown(page, 2) == 50)
        knob(page, 2).focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("PageUp")
        assert client.wait_for("/flow/macros")
        assert shown(page, 2) == 62
        page.keyboard.press("Enter")
        assert eventually(lambda: page.locator(".knob.is-frozen").count() == 1)
        page.keyboard.press("Enter")
        assert eventually(lambda: page.locator(".knob.is-frozen").count() == 0)


@pytest.fixture(scope="module")
def other(house, visit):
    """A phone."""
    return visit(house.url, viewport={"width": 390, "height": 844}, has_touch=True)


def test_two_browsers_and_a_device_stay_in_step(house, page, other):
    a, b = page, other
    with device(house) as client:
        client.receive_all(0.2)
        client.send("/flow/macro", 3, 0.25)
        assert eventually(lambda: shown(a, 3) == 25 and shown(b, 3) == 25)
        knob(a, 3).focus()
        a.keyboard.press("End")
        assert eventually(lambda: shown(b, 3) == 100)
        heard = [v for address, v in client.receive_all(0.4) if address == "/flow/macros"]
        assert heard and heard[-1][3] == pytest.approx(1.0)


def test_a_browser_that_has_stopped_drawing_does_not_slow_the_others(house, page, other):
    fast, slow = page, other
    slow.evaluate(
        "() => { window.draw = window.requestAnimationFrame; window.requestAnimationFrame = () => 0; }"
    )
    with device(house) as client:
        for n in range(300):
            client.send("/flow/macro", 4, n / 300)
            time.sleep(0.002)
        client.send("/flow/macro", 4, 0.77)
        assert eventually(lambda: shown(fast, 4) == 77, 2.0)
    assert shown(slow, 4) != 77
    slow.evaluate("() => { window.requestAnimationFrame = window.draw; }")


def test_undo_and_snapshots_bring_points_back(house, page):
    with device(house) as client:
        client.send("/flow/macro", 1, 0.1)
        assert eventually(lambda: shown(page, 1) == 10)
        time.sleep(0.7)  # the point has rested
        page.get_by_role("button", name="Store", exact=True).click()
        page.locator(".pad", has_text="C").click()
        assert eventually(lambda: page.locator(".pad.is-full", has_text="C").count() == 1)
        client.send("/flow/macro", 1, 0.9)
        assert eventually(lambda: shown(page, 1) == 90)
        time.sleep(0.7)
        page.get_by_role("button", name="Undo").click()
        assert eventually(lambda: shown(page, 1) == 10)
        page.get_by_role("button", name="Redo").click()
        assert eventually(lambda: shown(page, 1) == 90)
        page.locator(".pad", has_text="C").click()
        assert eventually(lambda: shown(page, 1) == 10)


def test_a_note_is_rendered_to_be_compared(house, page):
    wav = page.request.get(house.url.split("?")[0] + "panel/note.wav?note=60").body()
    (house.data / "note.wav").write_bytes(wav)
    audio, rate = soundfile.read(house.data / "note.wav")
    assert rate == 44_100 and len(audio) == 3 * rate and np.abs(audio).max() > 0.05


def test_what_a_macro_does_is_drawn(house, page):
    view(page, "understand")
    assert eventually(lambda: page.locator("#view-understand .curve").count() >= 10)
    assert page.locator(".bar-row").count() == 32
    with device(house) as client:
        client.send("/flow/vary", 1.0)
        values = client.wait_for("/flow/params")[1:]
        bar = page.locator(".bar-track i").nth(5)
        length = "e => new DOMMatrix(getComputedStyle(e).transform).a"
        # A bar is left where it is for less than it could be seen to move.
        assert eventually(lambda: bar.evaluate(length) == pytest.approx(values[5], abs=0.005), 10.0)


def sound(path, seconds=0.6):
    t = np.arange(int(22_050 * seconds)) / 22_050
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 220 * t) * np.exp(-3 * t), 22_050)
    return path


def test_a_dropped_sound_is_read_and_never_trusted_by_name(house, page, tmp_path):
    view(page, "sketch")
    evil = sound(tmp_path / "..%2f..%2fevil <b>name.wav")
    page.set_input_files("#view-sketch input[type=file]", evil)
    assert eventually(lambda: page.get_by_role("button", name="Hear it").is_enabled(), 10.0)
    assert not list(house.data.rglob("*evil*"))
    assert all(p.name.startswith("sketch-") for p in (house.data / "sketches").glob("*.wav"))
    base = house.url.split("?")[0] + "panel/"
    (tmp_path / "back.wav").write_bytes(page.request.get(base + "target.wav").body())
    assert soundfile.info(tmp_path / "back.wav").frames == 13_230
    picture = page.request.get(base + "target.picture")
    width, height = (int(picture.headers[f"x-{name}"]) for name in ("width", "height"))
    assert picture.status == 200 and len(picture.body()) == width * height
    # The server answers it; a click takes an answer.
    assert eventually(lambda: page.locator("button.candidate").count() >= 1, 90.0)
    with device(house) as client:
        client.receive_all(0.3)
        page.locator("button.candidate").last.click()
        assert client.wait_for("/flow/params", 5.0)
        assert eventually(lambda: page.locator("button.candidate.is-picked").count() == 1)
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"RIFF" + bytes(range(256)) * 40)
    page.set_input_files("#view-sketch input[type=file]", noise)
    assert eventually(lambda: "no sound file" in all_said(page), 10.0)


def test_a_sketch_of_somebody_else_can_be_heard_and_leaves_nothing_behind(house, page, tmp_path):
    view(page, "sketch")
    folder, base = house.data / "sketches", house.url.split("?")[0] + "panel/"
    sound(folder / "sketch-7-7.wav", 0.9)  # as a device records it
    with device(house) as client:
        client.receive_all(0.2)
        client.send("/flow/sketch/file", "sketch-7-7.wav", 0)

        def duration():
            answer = page.request.get(base + "target.wav")
            (tmp_path / "back.wav").write_bytes(answer.body())
            return soundfile.info(tmp_path / "back.wav").duration if answer.status == 200 else 0.0

        assert eventually(lambda: duration() == pytest.approx(0.9, abs=0.01), 60.0)
        assert eventually(lambda: page.get_by_role("button", name="A your sound").is_enabled())
    assert page.request.get(base + "target.picture").status == 200
    assert list(folder.iterdir()) == []


def test_connect_says_how_the_server_does(house, page):
    view(page, "connect")
    assert eventually(lambda: "--midi" in page.locator(".learn-refused").inner_text())
    assert eventually(lambda: " ms" in page.locator(".figure-value").first.inner_text())


def test_a_preset_of_ones_own_is_heard_without_going_there(house, page, tmp_path):
    base = house.url.split("?")[0] + "panel/"
    with device(house) as client:
        client.send("/flow/preset/save", "My drone")
        assert eventually(lambda: "My drone" in page.request.get(base + "presets.json").json()["names"])
        client.send("/flow/vary", 1.0)
        client.receive_all(0.4)
        own = page.request.get(base + "preset.wav?name=My%20drone")
        assert own.status == 200
        # The panel gives way to everything else that runs, so what plays may reach it late.
        assert eventually(lambda: page.request.get(base + "note.wav?note=60").body() != own.body())
        client.send("/flow/preset/load", "My drone")
        client.receive_all(0.4)
        assert eventually(lambda: page.request.get(base + "note.wav?note=60").body() == own.body())
        client.receive_all(0.1)
        page.request.get(base + "preset.wav?name=My%20drone")
        assert not [a for a, _ in client.receive_all(0.3) if a == "/flow/params"]


def test_nothing_is_asked_of_anybody_else(house, page):
    for name in ("map", "understand", "sketch", "connect"):
        view(page, name)
    hosts = {urlsplit(url).netloc for url in page.requested if not url.startswith(("data:", "blob:"))}
    assert hosts == {f"127.0.0.1:{house.port}"}
    assert "token" not in page.url


def test_the_page_says_that_the_server_died_and_goes_on_when_it_is_back(visit, tmp_path):
    port, reply = free_port(), free_port()
    with panel_alone(port, tmp_path / "data") as (_, url):
        with running_server(find_model("vital-32"), tmp_path / "data", port=port, reply_port=reply) as first:
            page = visit(url)
            page.wait_for_selector(".lamp.is-on")
            knob(page, 1).focus()
            page.keyboard.press("End")
            time.sleep(1.0)  # the point has rested
            first.process.kill()
            first.process.wait(5)
            page.wait_for_selector(".banner", state="visible")
            assert "python run_server.py" in page.locator(".banner").inner_text()
        with running_server(find_model("vital-32"), tmp_path / "data", port=port, reply_port=reply) as second:
            page.wait_for_selector(".banner", state="hidden")
            assert eventually(lambda: shown(page, 1) == 100)  # the sound is back
            with second.client() as client:
                knob(page, 0).focus()
                page.keyboard.press("Home")
                assert client.wait_for("/flow/params")
                assert client.wait_for("/flow/macros")[0] == pytest.approx(0.0, abs=1e-6)

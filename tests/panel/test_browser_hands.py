"""Hands on the page in Chromium: fingers, typed values, menus, shortcuts, dropped sounds; and the layout."""

import base64

import pytest

from models.folder import ModelFolder
from models.installed import find_model
from tests.panel.conftest import device, view
from tests.panel.test_browser import knob, shown, sound
from tests.support.live import ROOT, eventually

pytestmark = pytest.mark.real

AXE = ROOT / "tests" / "max4live" / "scripts" / "node_modules" / "axe-core" / "axe.min.js"
MODEL = ModelFolder.load(find_model("vital-32"))
PRESET = MODEL.presets.names[0]
POSITION = float(MODEL.macros.positions(MODEL.presets.latents[0].astype(float))[0])
FINGERS = """() => {
  window.finger = (kind, pointer, k, dy) => {
    const dial = document.querySelector(`.knob [data-k='${k}']`);
    dial.setPointerCapture = () => {}; // these pointers are not real
    const box = dial.getBoundingClientRect();
    dial.dispatchEvent(new PointerEvent(kind, { pointerId: pointer, pointerType: "touch", bubbles: true,
      cancelable: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 + dy }));
  };
}"""


def test_three_fingers_turn_three_knobs(house, page):
    with device(house) as client:
        for k in (0, 1, 3):
            client.send("/flow/macro", k, 0.2)
        assert eventually(lambda: [shown(page, k) for k in (0, 1, 3)] == [20, 20, 20])
    page.evaluate(FINGERS)
    fingers = {21: 0, 22: 1, 23: 3}
    for pointer, k in fingers.items():
        page.evaluate("([p, k]) => window.finger('pointerdown', p, k, 0)", [pointer, k])
    for dy in (-22, -44):
        for pointer, k in fingers.items():
            page.evaluate("([p, k, dy]) => window.finger('pointermove', p, k, dy)", [pointer, k, dy])
    assert [shown(page, k) for k in (0, 1, 3)] == pytest.approx([40, 40, 40], abs=1)
    page.evaluate("() => window.finger('pointerup', 22, 1, -44)")
    page.evaluate("() => window.finger('pointermove', 21, 0, -66)")  # the others keep hold
    assert shown(page, 0) == pytest.approx(50, abs=1) and shown(page, 1) == pytest.approx(40, abs=1)
    for pointer, k in ((21, 0), (23, 3)):
        page.evaluate("([p, k]) => window.finger('pointerup', p, k, 0)", [pointer, k])


def test_a_knob_is_typed_reset_and_has_a_menu(house, page):
    with device(house) as client:
        client.send("/flow/preset/load", PRESET)
        assert eventually(lambda: page.locator(".preset-now b").inner_text() == PRESET)
        before = round(100 * min(max(POSITION, 0.0), 1.0))
        assert eventually(lambda: shown(page, 0) == before)
        knob(page, 0).focus()
        page.keyboard.type("73")
        page.keyboard.press("Enter")
        assert shown(page, 0) == 73 and client.wait_for("/flow/macros")
        page.wait_for_timeout(800)  # longer than a knob is kept still
        assert shown(page, 0) == 73
        box = knob(page, 0).bounding_box()
        page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert eventually(lambda: shown(page, 0) == before)
        knob(page, 1).click(button="right")
        page.get_by_role("menuitem", name="Freeze").click()
        assert eventually(lambda: page.locator(".knob.is-frozen").count() == 1)
        knob(page, 1).click(button="right")
        page.keyboard.press("ArrowUp")  # the last item: here nothing can be learned
        page.keyboard.press("Enter")
        assert eventually(lambda: page.locator(".knob.is-frozen").count() == 0)


def test_control_z_brings_the_last_sound_back(house, page):
    with device(house) as client:
        client.send("/flow/macro", 4, 0.1)
        assert eventually(lambda: shown(page, 4) == 10)
        page.wait_for_timeout(900)  # the point has rested
        client.send("/flow/macro", 4, 0.9)
        assert eventually(lambda: shown(page, 4) == 90)
        page.wait_for_timeout(900)
        page.keyboard.press("Control+z")
        assert eventually(lambda: shown(page, 4) == 10)
        page.keyboard.press("Control+Shift+z")
        assert eventually(lambda: shown(page, 4) == 90)


def test_a_sound_is_dropped_anywhere_and_its_answers_have_names(house, page, tmp_path):
    data = base64.b64encode(sound(tmp_path / "drop.wav").read_bytes()).decode()
    page.evaluate(
        """async (data) => {
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
      const dropped = new DataTransfer();
      dropped.items.add(new File([bytes], "drop.wav"));
      const options = { dataTransfer: dropped, bubbles: true, cancelable: true };
      document.querySelector(".knobs").dispatchEvent(new DragEvent("drop", options));
    }""",
        data,
    )
    page.wait_for_selector("#view-sketch", state="visible")
    label = page.locator(".candidate-label").first
    assert eventually(lambda: label.count() and label.inner_text().startswith("like "), 90.0)


@pytest.mark.parametrize("size", [(1280, 860), (820, 1180), (390, 844)])
def test_the_keys_are_in_sight_without_scrolling(house, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    try:
        page.wait_for_timeout(300)
        box = page.locator(".piano").bounding_box()
        assert box["y"] + box["height"] < size[1] - 60 and page.evaluate("scrollY") == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".piano .white").first.bounding_box()["width"] > 36
    finally:
        page.set_viewport_size({"width": 1280, "height": 860})


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_in_any_view(house, visit, scheme):
    if not AXE.exists():
        pytest.skip("no axe-core: npm ci --prefix tests/max4live/scripts")
    page = visit(house.url, color_scheme=scheme, bypass_csp=True)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = {}

    def look(name):
        page.wait_for_timeout(500)
        result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
        found[name] = [(one["id"], [node["html"] for node in one["nodes"]]) for one in result["violations"]]

    for name in ("play", "map", "understand", "sketch", "connect"):
        view(page, name)
        look(name)
    view(page, "play")
    page.get_by_text("Macros on the dials").click()
    look("macros on the dials")
    page.get_by_role("button", name="More about this preset").click()
    look("menu of a preset")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    page.get_by_role("button", name="Save", exact=True).click()
    look("save")
    page.get_by_role("button", name="Cancel").click()
    knob(page, 1).click(button="right")
    look("menu of a knob")
    page.context.close()
    assert not any(found.values()), found

"""Words and the choice of macros, in Chromium on the real server with the shipped model."""

import pytest

from tests.panel.conftest import device
from tests.support.live import eventually

pytestmark = pytest.mark.real


def shown(page, k):
    value = page.locator(f".knob [data-k='{k}']").get_attribute("aria-valuenow")
    return None if value is None else int(value)  # it is not there until the server has said it


def name_of(page, k):
    return page.locator(".knob-name").nth(k).text_content()


def say(page, text):
    line = page.locator(".say-line input")
    line.fill(text)
    line.press("Enter")


def test_what_is_said_moves_the_knobs_and_is_answered(house, page):
    k = next(k for k in range(8) if name_of(page, k) == "Bright")
    with device(house) as client:
        client.send("/flow/macro", k, 0.5)
        assert eventually(lambda: shown(page, k) == 50)
        say(page, "a little brighter, xyzzy, louder")
        assert eventually(lambda: shown(page, k) > 50)
        said = page.locator(".said")
        assert eventually(lambda: "a little brighter (Bright 0.50 to" in (said.first.text_content() or ""))
        assert "Not understood: xyzzy." in said.last.text_content()
        assert "louder (this model cannot)" in said.last.text_content()
        client.send("/flow/undo")
        assert eventually(lambda: shown(page, k) == 50)


def pick(page, label, option):
    page.get_by_label(label, exact=True).first.click()
    page.locator(".q-menu .q-item", has_text=option).first.click()


def test_a_macro_is_chosen_renamed_made_and_deleted(house, page):
    first, second = name_of(page, 0), name_of(page, 1)
    page.locator(".dials-fold .q-item").first.click()
    pick(page, "Macro", second)
    assert eventually(lambda: (name_of(page, 0), name_of(page, 1)) == (second, first))
    page.get_by_label("Macro name", exact=True).fill("Glitter")
    page.get_by_role("button", name="Rename").click()
    assert eventually(lambda: name_of(page, 0) == "Glitter")
    with device(house) as client:
        names = [
            values[1] for address, values in _asked(client, "/flow/names") if address == "/flow/macroname"
        ]
        assert names[:2] == ["Glitter", first]
        client.send("/flow/vary", 1.0)
        page.get_by_role("button", name="This sound: from").click()
        assert eventually(lambda: "from 1 to 0" in page.locator(".own-gathered").text_content())
        client.send("/flow/vary", 1.5)
        client.receive_all(0.3)
        page.locator(".dials-fold").get_by_role("button", name="to", exact=True).click()
        assert eventually(lambda: "from 1 to 1" in page.locator(".own-gathered").text_content())
        page.get_by_label("Name of your macro", exact=True).fill("Mine")
        page.get_by_role("button", name="Make").click()
        assert eventually(lambda: name_of(page, 0) == "Mine")
    page.locator(".dials-fold").get_by_role("button", name="Delete").click()
    assert eventually(lambda: name_of(page, 0) != "Mine")


def _asked(client, address):
    client.send(address)
    return client.receive_all(0.4)

"""The preset that plays and the list beside the map, in Chromium on the real server."""

import json

import pytest

from tests.panel.conftest import device, view
from tests.support.live import eventually

pytestmark = pytest.mark.real


def now(page):
    return page.locator(".preset-now b").inner_text()


def save(page, name):
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_label("Preset name").fill(name)
    page.locator("dialog.ask button[type=submit]").click()


def menu(page, item):
    page.get_by_role("button", name="More about this preset").click()
    page.get_by_role("menuitem", name=item).click()


def rows(page):
    return page.locator(".preset-row .preset-name span").all_inner_texts()


def test_presets_are_found_stepped_through_and_liked(house, page):
    view(page, "map")
    assert eventually(lambda: len(rows(page)) > 5)
    find = page.get_by_label("Find presets")
    find.fill("organ bright")
    assert eventually(lambda: rows(page) and all("Organ" in one for one in rows(page)))
    found = rows(page)
    find.press("Enter")  # goes to the first
    assert eventually(lambda: now(page) == found[0])
    page.get_by_role("button", name="Next preset").click()
    assert eventually(lambda: now(page) == found[1])
    page.get_by_role("button", name="Previous preset").click()
    assert eventually(lambda: now(page) == found[0])
    page.get_by_role("button", name="Favourite", exact=True).click()
    find.fill("")
    page.get_by_role("button", name="Only favourites").click()
    assert eventually(lambda: rows(page) == [found[0]])
    assert json.loads((house.data / "panel-favourites.json").read_text())["vital-32"] == [found[0]]
    page.get_by_role("button", name="Only favourites").click()
    with device(house) as client:  # whoever loads one, its name is seen; and when it was turned
        client.send("/flow/preset/load", found[1])
        assert eventually(lambda: now(page) == found[1])
        client.send("/flow/macro", 0, 0.31)
        assert eventually(lambda: page.locator(".preset-now small").inner_text() == "changed")


def test_a_sound_is_saved_replaced_renamed_deleted_and_brought_back(house, page):
    save(page, "a/b")
    assert "no /" in page.locator("dialog.ask p").inner_text()
    page.get_by_role("button", name="Cancel").click()
    save(page, "My <b>one")
    save(page, "My <b>one")  # asks first, also before the list has the name
    assert "Replace it?" in page.locator("dialog.ask p").inner_text()
    page.get_by_role("button", name="Replace").click()
    assert page.locator("dialog.ask[open]").count() == 0
    assert eventually(lambda: "My <b>one" in rows_of(house, page))
    assert eventually(lambda: now(page) == "My <b>one")
    menu(page, "Rename")
    page.get_by_label("Preset name").fill("Zwölf")
    page.locator("dialog.ask button[type=submit]").click()
    assert eventually(lambda: "Zwölf" in rows_of(house, page) and "My <b>one" not in rows_of(house, page))
    assert eventually(lambda: now(page) == "Zwölf")
    assert eventually(lambda: page.locator(".preset-now small").inner_text() == "Yours")
    menu(page, "Delete")
    assert eventually(lambda: "Zwölf" not in rows_of(house, page))
    page.get_by_role("button", name="Bring it back").click()
    assert eventually(lambda: "Zwölf" in rows_of(house, page))


def rows_of(house, page):
    return page.request.get(house.url.split("?")[0] + "panel/presets.json").json()["names"]


def test_the_sound_is_downloaded_as_the_synths_own_preset(house, page):
    page.get_by_role("button", name="More about this preset").click()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="Download").click()
    assert started.value.suggested_filename.endswith(".vital")
    assert "settings" in json.loads(started.value.path().read_text())

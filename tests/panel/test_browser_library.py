"""People's own presets in the panel, in Chromium on the real server; what was heard of them is made up."""

import numpy as np
import pytest

from library.codes import CODE_BYTES
from library.heard import Heard
from library.index import Index, KnownFile, write_index
from library.scan import digest_of, scan
from models.installed import find_model
from tests.library.presets import write
from tests.panel.conftest import house_of, view
from tests.support.live import eventually

pytestmark = pytest.mark.real

LEVELS = {"Low": 40, "Lower": 42, "High 🎹": 120}  # of codes: what sounds alike


def heard(level, author):
    return Heard(
        author=author,
        style="Bass",
        loudness=-12.0,
        repeat_db=0.1,
        descriptors=np.zeros(12, np.float32),
        code=np.full(CODE_BYTES, level, np.uint8),
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The shipped model, the panel, and a folder of presets that were heard before."""
    folder, data = tmp_path_factory.mktemp("presets"), tmp_path_factory.mktemp("data")
    index = Index()
    for k, (name, level) in enumerate(LEVELS.items()):
        write(folder / f"{name}.vital", "Ann", osc_1_transpose=float(k))
        index.heard[digest_of(folder / f"{name}.vital")] = heard(level, "Ann")
    for file in scan([folder]).found:
        digest = digest_of(file.path)
        index.files[str(file.path)] = KnownFile(file.n_bytes, file.changed_ns, digest)
    write_index(data / "library" / "heard", index)
    with house_of(find_model("vital-32"), data, "--presets", str(folder)) as house:
        yield house


def rows(page):
    return page.locator(".preset-row .preset-name").all_inner_texts()


def names(page):
    return [row.split("\n")[0] for row in rows(page)]


def test_presets_are_found_by_author_and_by_ear(house, page):
    view(page, "map")
    page.get_by_label("Find presets").fill("ann low")
    assert eventually(lambda: names(page) == ["Low", "Lower"], 20.0), rows(page)
    assert page.locator(".map-legend").inner_text().count("From Vital") == 1
    page.get_by_label("Find presets").fill("ann")
    page.get_by_role("button", name="More like Low", exact=True).click()
    assert eventually(lambda: "Like Low" in "".join(page.locator(".preset-alike").all_inner_texts()), 10.0)
    assert names(page) == ["Low", "Lower", "High 🎹"]
    assert rows(page)[1].endswith("0.6 dB away")
    page.get_by_role("button", name="All presets").click()
    page.get_by_label("Find presets").fill("")
    assert eventually(lambda: len(rows(page)) > 5)


def test_a_preset_that_is_dropped_is_kept_and_not_taken_for_a_sound(house, page):
    page.evaluate(
        """() => { const data = new DataTransfer();
        data.items.add(new File(['{"settings": {}}'], 'Dropped.vital'));
        window.dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true })); }"""
    )
    kept = house.data / "vital-presets" / "Dropped.vital"
    assert eventually(kept.exists, 10.0)
    assert kept.read_text() == '{"settings": {}}'
    assert page.evaluate("location.hash") == "#play"

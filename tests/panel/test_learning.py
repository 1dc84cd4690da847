"""A controller learned from the page, through a real MIDI system: JACK without hardware."""

import time

import pytest

from tests.panel.conftest import device, house_of
from tests.server.midi.conftest import jack
from tests.support.live import eventually
from tests.support.tiny_model import write_tiny_model

pytestmark = pytest.mark.real
__all__ = ["jack"]


def test_a_controller_is_learned_shown_and_forgotten(jack, chromium, visit, tmp_path):
    from tests.server.midi.virtual_controller import VirtualController

    tiny = write_tiny_model(tmp_path / "tiny")
    with house_of(tiny, tmp_path / "data", "--midi", "Learner", "--midi-system", "jack") as house:
        page = visit(house.url)
        page.click(".views a[href='#connect']")
        said = page.locator(".messages")
        with VirtualController("Learner") as knobs:
            assert eventually(lambda: "Learner:out is plugged in" in said.text_content(), 10.0)
            row = page.locator(".learn-row").nth(1)
            row.get_by_role("button", name="Learn").click()
            assert eventually(lambda: "move the control for macro 1" in said.text_content(), 10.0)
            assert eventually(lambda: page.locator(".learn-row.is-learning").count() == 1, 10.0)
            for value in range(0, 128, 4):
                knobs.cc(20, value)
                time.sleep(0.002)
            bound = row.locator(".learn-bound")
            assert eventually(lambda: "CC 20 on channel 1 of Learner:out" in bound.inner_text(), 10.0)
            for value in (0, 64, 127, 0):
                knobs.cc(20, value)
                time.sleep(0.02)
            words = row.locator(".binding-words")
            assert eventually(lambda: "has hold" in words.inner_text(), 10.0)
            # Another hand takes the macro away: which way has the knob to go? A later page knows, too.
            with house.server.client() as other:
                other.send("/flow/macro", 1, 0.5)
                later = visit(house.url)
                later.click(".views a[href='#connect']")
                for one in (page, later):
                    words = one.locator(".learn-row").nth(1).locator(".binding-words")
                    assert eventually(lambda words=words: "up to catch it" in words.inner_text(), 10.0)
                other.send("/flow/macro", 1, 0.0)
            knob = page.locator(".knob [data-k='1']")
            assert eventually(lambda: knob.get_attribute("aria-valuenow") == "0", 10.0)
            row.get_by_role("button", name="Unbind").click()
            assert eventually(lambda: bound.inner_text() == "", 10.0)
            assert page.locator(".learn-row.is-learning").count() == 0


def test_a_control_is_learned_for_the_instrument_that_is_shown(jack, chromium, visit, tmp_path):
    from tests.server.midi.virtual_controller import VirtualController

    tiny = write_tiny_model(tmp_path / "tiny")
    with house_of(tiny, tmp_path / "data", "--midi", "Learner", "--midi-system", "jack") as house:
        page = visit(house.url)
        page.click(".views a[href='#connect']")
        only_here = page.get_by_role("switch", name="Only this instrument")
        assert not only_here.is_visible()
        with (
            VirtualController("Learner") as knobs,
            device(house, name="Bass", instrument="bass") as bass,
            device(house, name="Pad", instrument="pad") as pad,
        ):
            said = page.locator(".messages")
            assert eventually(lambda: "Learner:out is plugged in" in said.text_content(), 10.0)
            assert eventually(only_here.is_visible, 10.0)
            only_here.click()
            row = page.locator(".learn-row").nth(1)
            row.get_by_role("button", name="Learn").click()
            assert eventually(lambda: page.locator(".learn-row.is-learning").count() == 1, 10.0)
            bass.send("/flow/focus", "pad")  # the macro that learns is the other's
            assert eventually(lambda: page.locator(".learn-row.is-learning").count() == 0, 10.0)
            for value in range(0, 128, 4):
                knobs.cc(20, value)
                time.sleep(0.002)
            time.sleep(0.5)
            bass.send("/flow/focus", "bass")
            bound = row.locator(".learn-bound")
            assert eventually(lambda: "only here" in bound.inner_text(), 10.0)
            bass.send("/flow/focus", "pad")
            assert eventually(lambda: bound.inner_text() == "", 10.0)
            pad.receive_all(0.1)
            bass.receive_all(0.1)
            for value in (0, 64, 127, 0):
                knobs.cc(20, value)
                time.sleep(0.02)
            assert bass.wait_for("/flow/params") is not None
            assert "/flow/params" not in [address for address, _ in pad.receive_all(0.3)]

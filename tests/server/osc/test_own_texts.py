"""What the server says is held to what it takes: texts are printable, and short enough for every reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.osc.builder import osc_message, shown
from server.osc.guard import MAX_TEXT
from tests.server.bridge_messages import addresses
from tests.support.live import MY_PORT, Rig, only
from tests.support.sent import check_sent


@given(st.text(st.characters(codec=None), max_size=400))
def test_whatever_is_told_can_be_read(text):
    told = check_sent(osc_message("/flow/status", text))[1]
    assert len(told.encode()) <= MAX_TEXT
    if text.isprintable() and len(text.encode()) <= MAX_TEXT:
        assert told == text


@pytest.mark.parametrize("letter", ["x", "ä", "音", "🎹"])
def test_a_long_text_is_cut_between_two_letters(letter):
    told = shown(letter * 300)
    assert told == letter * ((MAX_TEXT - 3) // len(letter.encode())) + "..."


def test_a_data_folder_of_118_japanese_letters_is_no_reason_not_to_welcome(tiny, tmp_path):
    data = tmp_path / ("音" * 59) / ("色" * 59)
    data.mkdir(parents=True)
    welcome = only(Rig(tiny, data).hello()[MY_PORT], "/flow/welcome")
    assert welcome[9] == "" and len(welcome) == 10  # the device asks for its own microphone then


def test_sixty_four_emoji_are_saved_listed_and_loaded(rig):
    name = "🎹" * 64
    saved = rig.send("/flow/preset/save", name)[MY_PORT]
    assert only(saved, "/flow/status")[0].startswith("'🎹") and only(saved, "/flow/preset")[1] == name
    assert name in [m[2] for m in rig.send("/flow/presets")[MY_PORT]]
    assert "/flow/params" in addresses(rig.send("/flow/preset/load", name)[MY_PORT])


def test_an_error_that_quotes_a_long_name_reaches_who_made_it(rig):
    address, text = only(rig.send("/flow/model", "🎹" * 60)[MY_PORT], "/flow/error")
    assert address == "/flow/model" and "🎹" in text


def test_a_sentence_of_emoji_is_answered(rig):
    assert only(rig.send("/flow/say", "🎹" * 64)[MY_PORT], "/flow/said")[0].startswith("🎹" * 60)


def test_an_error_of_several_lines_is_one_line(rig, monkeypatch):
    monkeypatch.setattr(rig.instrument, "vary", lambda amount: 1 / 0)
    monkeypatch.setattr("server.osc.outbox.error_text", lambda error: "line 1:\n\tproblem\x1b[2J")
    assert only(rig.send("/flow/vary", 0.5)[MY_PORT], "/flow/error")[1] == "line 1:  problem [2J"

"""People's own presets in the panel, without a server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.errors import PatchError
from panel.osc.mirror import Mirror
from panel.state.library import Library
from server.osc.builder import osc_message


def in_a_loop(coroutine):
    """Run it in a thread: browsers that other tests drive have a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Link:
    """The connection to a server: keeps what is sent."""

    def __init__(self):
        self.mirror, self.sent = Mirror(), []

    def send(self, *message):
        self.sent.append(message)


def item(k, n, name=None, **values):
    x, y, repeat_db = (values.get(key, -1.0) for key in ("x", "y", "repeat_db"))
    words = values.get("author", ""), values.get("style", "")
    return osc_message(
        "/flow/library/preset", k, n, f"P{k}" if name is None else name, *words, x, y, repeat_db
    )


def in_loop(act):
    """Call something on an event loop."""

    async def run():
        act()

    in_a_loop(run())


def test_the_list_is_asked_for_page_by_page_and_lost_ones_again():
    link = Link()
    library = Library(link)

    async def run():
        for k in range(64):
            if k != 7:
                assert link.mirror.receive(item(k, 70)) == "library"
                library.received()
        assert link.sent == []
        library._ask_again()  # as after a moment
        link.mirror.receive(item(7, 70))
        library.received()
        for k in range(64, 70):
            link.mirror.receive(item(k, 70, author="Ann", style="Pad", x=0.25, y=0.5))
            library.received()

    in_a_loop(run())
    assert [message[-1] for message in link.sent] == [0, 64]
    columns = library.columns()
    assert len(columns["names"]) == 70 and columns["notes"][0] == "" and columns["notes"][69] == "Pad, Ann"
    assert (columns["x"][0], columns["x"][69], columns["y"][69]) == (-1.0, 0.25, 0.5)
    link.mirror.receive(item(0, 0, ""))
    in_loop(library.received)
    assert library.columns()["names"] == []


def test_what_sounds_alike_is_complete_before_it_is_shown():
    mirror = Mirror()
    assert mirror.receive(osc_message("/flow/library/like", 0, 2, "A", "B", 1.5)) is None
    assert mirror.receive(osc_message("/flow/library/like", 1, 2, "A", "C", 2.5)) == "alike"
    assert mirror.alike_of == "A" and mirror.alike == {0: ("B", 1.5), 1: ("C", 2.5)}
    assert mirror.receive(osc_message("/flow/library/like", 0, 0, "D", "", 0.0)) == "alike"
    assert mirror.alike_of == "D" and mirror.alike == {}


def welcomed(tmp_path):
    link = Link()
    sketches = (tmp_path / "sketches").as_posix()
    link.mirror.receive(osc_message("/flow/welcome", 1, 2, 2, "0", "m", "vital", 8, 32, 32, sketches, "", ""))
    return link


def test_a_dropped_preset_is_kept_beside_the_sketches_under_a_name_of_its_own(tmp_path):
    link = welcomed(tmp_path)
    link.mirror.receive(item(0, 1, "Bass"))
    library = Library(link)
    for name in ("Bass.vital", "Bass.vital", "🎹.vital", "../../x.vital", "a:b.vital"):
        in_a_loop(library.take(name, b'\xef\xbb\xbf {"settings": {}}'))
    kept = sorted(path.name for path in (tmp_path / "vital-presets").iterdir() if path.suffix)
    assert kept == ["Bass 2.vital", "Bass 3.vital", "Preset.vital", "x.vital", "🎹.vital"]
    assert ("/flow/library/hear",) in link.sent and ("/flow/own", "Bass 3") in link.sent
    assert {path.name for path in tmp_path.iterdir()} == {"vital-presets"}


def test_what_is_no_preset_is_refused_in_a_line(tmp_path):
    with pytest.raises(PatchError, match="not a Vital preset"):
        in_a_loop(Library(welcomed(tmp_path)).take("x.vital", b"RIFF"))
    with pytest.raises(PatchError, match="no server"):
        in_a_loop(Library(Link()).take("x.vital", b"{}"))
    assert not (tmp_path / "vital-presets").exists()

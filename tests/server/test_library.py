"""Messages about people's own presets, with a process that reports what a test has it report."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import vita

from library.codes import sound_code
from library.hearing import hear_folders
from server.sketch.messages import SoundCoded
from server.sketch.take import Phase, Take
from tests.library.presets import SILENT, some, write
from tests.support.live import MY_PORT, OTHER_PORT, Rig, only


class Process:
    """The process that hears: keeps what it was started with, and reports what it is told to."""

    def __init__(self):
        self.started, self.reports, self.is_running = [], [], False

    def start(self, arguments):
        self.started.append(arguments)
        self.is_running = True

    def collect(self):
        reports, self.reports = self.reports, []
        return reports

    def report(self, **values):
        self.reports.append({"done": 1, "total": 6, "name": "x", "saved": False, **values})

    def end(self, status=0):
        self.reports.append({"ended": status})
        self.is_running = False


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A folder of presets, and the index of what was heard of them."""
    folder, kept = tmp_path_factory.mktemp("presets"), tmp_path_factory.mktemp("kept")
    some(folder)
    write(folder / "Quiet.vital", **SILENT)
    (folder / "damaged.vital").write_text("{}")
    hear_folders([folder], kept / "heard", lambda progress: None)
    return folder, kept


@pytest.fixture
def library(tiny, tmp_path, heard):
    """A rig with two clients whose library knows nothing yet, and its process."""
    folder, kept = heard
    rig, process = Rig(tiny, tmp_path), Process()
    (tmp_path / "library").mkdir()
    handlers = rig.bridge.handlers
    handlers.library.__init__(rig.tracks, [folder], tmp_path / "dropped", tmp_path / "library", process)
    rig.hello()
    rig.hello(sender=("127.0.0.1", 50_002), port=OTHER_PORT, nonce=2)
    rig.sent()
    return rig, process, lambda: shutil.copy(kept / "heard", tmp_path / "library" / "heard")


def read_own_audio(file):
    """Play a preset as the library hears it."""
    synth = vita.Synth()
    synth.set_sample_rate(22_050.0)
    assert synth.load_json(file.read_text(encoding="utf-8"))
    return np.asarray(synth.render(60, 100 / 127, 3.0, 4.0)).mean(axis=0)


def search(rig, text="", style="", author="", first=0):
    sent = rig.send("/flow/library", text, style, author, first)[MY_PORT]
    return [message[1:] for message in sent if message[0] == "/flow/library/preset"]


def names(found):
    return [row[2] for row in found]


def known(library):
    """Have everything been heard, and return the rig."""
    rig, process, copy = library
    rig.rest(1.0)
    copy()
    process.report(done=6, saved=True)
    process.end()
    rig.rest(0.6)
    return rig


def test_names_are_found_before_anything_is_heard(library):
    rig, process, _ = library
    rig.rest(1.0)
    assert names(search(rig)) == ["damaged", "High 🎹", "Low", "Lower", "Quiet", "Slow"]
    assert search(rig)[2][3:] == ("", "", -1.0, -1.0, -1.0)
    (started,) = process.started
    assert started[:2] == ["--index", str(rig.bridge.handlers.library._index)] and "--" in started


def test_all_clients_are_told_how_far_it_is_twice_a_second(library):
    rig, process, _ = library
    rig.rest(1.0)
    rig.rest(0.6)
    for k in range(6):
        process.report(
            done=k, left_out="/x/damaged.vital", reason="it is damaged"
        ) if k == 3 else process.report(done=k)
    sent = rig.rest(0.6)
    for port in (MY_PORT, OTHER_PORT):
        assert only(sent[port], "/flow/library/state") == ("hearing", 5, 6, 1)
    assert rig.rest(0.6) == {}
    assert only(rig.send("/flow/library/left", 0)[MY_PORT], "/flow/library/left") == (
        0,
        1,
        "damaged.vital",
        "it is damaged",
    )
    process.end(1)
    assert only(rig.rest(0.6)[MY_PORT], "/flow/library/state") == ("failed", 5, 6, 1)


def test_presets_are_found_by_name_author_and_style(library):
    rig = known(library)
    assert names(search(rig)) == ["High 🎹", "Low", "Lower", "Quiet", "Slow"]
    assert names(search(rig, " ", " ", " ")) == names(search(rig))  # as devices say nothing
    assert names(search(rig, "LOW")) == ["Low", "Lower", "Slow"]
    assert names(search(rig, "low", "bass")) == ["Low", "Lower"]
    assert names(search(rig, "", "", "bo")) == ["High 🎹", "Slow"]
    assert names(search(rig, "ann low")) == ["Low", "Lower"]
    ((k, n, name, *_),) = search(rig, "no such thing")
    assert (k, n, name) == (0, 0, "")
    assert [row[:3] for row in search(rig, first=3)] == [(3, 5, "Quiet"), (4, 5, "Slow")]
    *_, author, style, x, y, repeat = search(rig, "lower")[0]
    assert (author, style) == ("Ann", "Bass") and 0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 and 0.0 <= repeat < 1.5
    assert search(rig, "quiet")[0][5:7] == (-1.0, -1.0)


def styles(rig):
    return [m[1:] for m in rig.send("/flow/library/styles")[MY_PORT] if m[0] == "/flow/library/style"]


def test_styles_are_listed_with_how_many_presets_have_them(library):
    rig, _, _ = library
    assert styles(rig) == [(0, 0, "", 0)]
    rig = known(library)
    assert styles(rig) == [(0, 3, "Bass", 2), (1, 3, "Lead", 1), (2, 3, "Pad", 1)]


def test_no_more_than_64_styles_are_listed(library):
    rig = known(library)
    shelf = rig.bridge.handlers.library._shelf
    low = shelf.presets["Low"]
    many = {f"P{k}": replace(low, heard=replace(low.heard, style=f"Style {k % 70}")) for k in range(140)}
    many["Q"] = replace(low, heard=replace(low.heard, style="STYLE 69 "))
    rig.bridge.handlers.library._shelf = replace(shelf, presets=many)
    listed = styles(rig)
    assert len(listed) == 64 and listed[0] == (0, 64, "Style 69", 3)


def test_what_was_sketched_finds_the_preset_that_it_came_from(library, heard):
    rig = known(library)
    assert "sketched" in only(rig.send("/flow/library/sung")[MY_PORT], "/flow/error")[1]
    audio = read_own_audio(heard[0] / "Low.vital")
    instrument = rig.bridge.handlers.library._tracks.focus.instrument
    take = Take(number=1, address="", phase=Phase.ANSWERING, instrument=instrument)
    assert take.receive(SoundCoded(1, sound_code(audio, 22_050))) == []
    rig.bridge.handlers.library._tracks.focus.sketch.answered = take
    rows = [message[1:] for message in rig.send("/flow/library/sung")[MY_PORT]]
    assert rows[0][2:4] == ("", "Low") and rows[0][4] < 0.1 and rows[-1][4] > 1.0


def test_what_sounds_alike_is_told_with_distances(library):
    rig = known(library)
    sent = rig.send("/flow/library/like", "Low")[MY_PORT]
    rows = [message[1:] for message in sent if message[0] == "/flow/library/like"]
    assert [row[:4] for row in rows][0] == (0, 3, "Low", "Lower")
    distances = [row[4] for row in rows]
    assert distances == sorted(distances) and distances[0] < 2.0 < distances[1]
    assert "silent" in only(rig.send("/flow/library/like", "Quiet")[MY_PORT], "/flow/error")[1]
    assert "did you mean 'Lower'?" in only(rig.send("/flow/library/like", "Lowr")[MY_PORT], "/flow/error")[1]


def test_folders_are_looked_at_again_when_asked_for(library):
    rig, (_, process, _) = known(library), library
    rig.send("/flow/library/hear")
    rig.rest(1.0)
    assert len(process.started) == 2
    rig.send("/flow/library/hear")  # it is running
    rig.rest(1.0)
    assert len(process.started) == 2


def test_a_server_without_folders_says_how_to_give_one(tiny, tmp_path):
    bare = Rig(tiny, tmp_path / "bare")
    bare.hello()
    bare.sent()
    assert "--presets" in only(bare.send("/flow/library/hear")[MY_PORT], "/flow/error")[1]
    assert bare.rest(1.0) == {}


def test_a_shelf_that_cannot_be_read_is_told_once(library, monkeypatch):
    rig, process, _ = library

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.handling.library_handlers.Shelf.read", full)
    process.end()
    sent = rig.rest(1.0)
    assert "--data FOLDER" in only(sent[MY_PORT], "/flow/status")[0]
    assert "/flow/status" not in {m[0] for m in rig.rest(6.0).get(MY_PORT, [])}


def test_what_is_dropped_is_heard_from_then_on(library, tmp_path):
    rig, process, _ = library
    rig.rest(1.0)
    write(tmp_path / "dropped" / "New.vital")
    process.end()
    rig.rest(1.0)
    rig.send("/flow/library/hear")
    rig.rest(1.0)
    assert process.started[-1][-1] == str(tmp_path / "dropped") and "New" in names(search(rig))


def test_another_model_starts_the_process_only_if_its_map_is_not_known(library):
    rig, (_, process, _) = known(library), library
    handlers = rig.bridge.handlers.library
    handlers._model = object()  # as of another instrument that has got the focus
    rig.rest(1.0)
    assert len(process.started) == 1 + (not handlers._shelf.is_placed)

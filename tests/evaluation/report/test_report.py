"""`evaluate.py report` on a tiny model: a page that opens from disk and has all it points to."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

import evaluate
from core.tags import TAG_PAIRS
from evaluation.report.charts import heat_rows, lines_of, most_moving
from evaluation.report.clips import ClipFolder
from evaluation.report.semantic_dimensions import area_under_curve
from synths.space_files import load_space


class Page(HTMLParser):
    """Tags of a page with their attributes, and whether each that was opened was closed."""

    VOID = frozenset(("meta", "img", "br", "link"))

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, name, attribute):
        return [a[attribute] for t, a in self.tags if t == name and attribute in a]


@pytest.fixture(scope="module")
def report(model_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("voix") / "voix & bruits"
    folder.mkdir()
    soundfile.write(folder / "bruit.wav", np.random.default_rng(0).normal(0, 0.1, 30_000), 22_050)
    (folder / "texte.wav").write_text("no sound")
    out = tmp_path_factory.mktemp("page") / "une page"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evaluation.report.sections._STEPS", 3)
        patch.setattr("evaluation.report.sections._PAIRS", 1)
        patch.setattr("evaluation.report.sections._NEIGHBOURS", 1)
        command = ["report", "--model", model_folder, "--voice", folder, "--out", out, "--sounds", "2"]
        assert evaluate.main([str(x) for x in command]) == 0
    return out, (out / "index.html").read_text("utf-8")


def test_everything_the_page_points_to_is_beside_it(report):
    out, text = report
    page = Page(text)
    sounds = [a["data-sound"] for _, a in page.tags if "data-sound" in a]
    pictures = page.all("img", "src")
    assert len(sounds) > 20 and len(pictures) > 20
    for name in {*sounds, *pictures}:
        assert (out / name).is_file(), name
    used = {*sounds, *pictures}
    there = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()} - {"index.html"}
    # The picture of a point of the map is not shown, its sound is played.
    assert {name for name in there - used if name.endswith(".mp3")} == set()


def test_nothing_comes_from_elsewhere(report):
    assert not re.search(r"(src|href)=\"?(https?:)?//", report[1])
    assert "<script src" not in report[1] and "@import" not in report[1]


def test_every_tag_is_closed_and_every_link_leads_somewhere(report):
    page = Page(report[1])
    assert page.open == []
    ids = set(page.all("section", "id")) | set(page.all("h2", "id"))
    links = {link[1:] for link in page.all("a", "href")}
    assert links and links <= ids


def test_every_section_is_there(report):
    for title in ("Reconstruction", "Macros", "Most moving", "Between two sounds", "Map", "Voices"):
        assert f">{title}" in report[1]
    assert "Semantic dimensions" not in report[1]  # no such run was given
    assert not re.search(
        r"\b(nan|inf|None|Undefined)\b", re.sub(r"<style>.*?</style>", "", report[1], flags=re.S)
    )


def test_the_summary_comes_first_then_a_legend(report):
    text = report[1]
    at = [text.index(f'id="{name}"') for name in ("summary", "legend", "reconstruction", "voices")]
    assert at == sorted(at)
    first = text[at[0] : at[1]]
    assert "Held-out sounds" in first and "voix &amp; bruits" in first
    for row in ("Model&#39;s answer", "Nearest preset", "Mean patch", "Silence"):
        assert row in first
    assert re.search(r"<td>[0-2] of 2</td>", first)


def test_sounds_of_a_model_folder_are_new_to_it(report):
    assert re.search(r"New sound 1: [a-z]+", report[1]) and "New sound 2" in report[1]


def test_models_stand_side_by_side(runs, tmp_path):
    page = tmp_path / "page"
    command = ["report", "--model", runs[0], runs[2], "--out", page, "--sounds", "1"]
    assert evaluate.main([str(x) for x in command]) == 0
    text = (page / "index.html").read_text("utf-8")
    card = text[text.index("Held-out sound 1") :].split("</section>")[0]
    assert [text.count(f"<td>{name}</td>") >= 1 for name in ("mlp-0", "cnn-0")] == [True, True]
    assert all(f"<b>{name}</b>" in card for name in ("Target", "mlp-0", "cnn-0", "Nearest render"))
    assert "<h1>mlp-0, cnn-0</h1>" in text and Page(text).open == []


def test_models_of_different_synths_are_not_compared(runs, tmp_path, caplog):
    command = ["report", "--model", runs[0], "vital-32", "--out", tmp_path / "page"]
    assert evaluate.main([str(x) for x in command]) == 2
    assert "cannot stand side by side" in caplog.text


def test_names_are_text_and_not_markup(report):
    assert "voix & bruits" not in report[1]
    assert "voix &amp; bruits" in report[1]
    assert "texte.wav" in report[1]  # skipped, and said


def test_sounds_and_pictures_can_be_opened(report):
    out, _ = report
    sound = soundfile.info(sorted((out / "sounds").glob("*.mp3"))[0])
    assert sound.samplerate == 22_050 and sound.channels == 1
    from matplotlib.image import imread

    picture = imread(sorted((out / "pictures").glob("*.png"))[0])
    assert picture.shape[0] == 96 and picture[..., :3].max() > 0.8  # something sounds


def test_buttons_say_what_they_play(report):
    for tag, attributes in Page(report[1]).tags:
        if "data-sound" in attributes:
            assert attributes["aria-label"].startswith("Play "), tag


def test_a_model_without_a_latent_space_still_gets_a_page(runs, tmp_path):
    assert evaluate.main(["report", "--model", str(runs[0]), "--out", str(tmp_path), "--sounds", "1"]) == 0
    text = (tmp_path / "index.html").read_text("utf-8")
    assert "Held-out sound 1" in text and "Nearest render" in text
    assert ">Macros" not in text and ">Between two sounds" not in text


def test_semantic_dimensions_of_a_flow_dis_run(disentangled, tmp_path, monkeypatch):
    monkeypatch.setattr("evaluation.report.semantic_dimensions._WALK", 2)
    monkeypatch.setattr("evaluation.report.sections._STEPS", 2)
    monkeypatch.setattr("evaluation.report.sections._PAIRS", 1)
    command = [
        "report",
        "--model",
        disentangled,
        "--semantic",
        disentangled,
        "--out",
        tmp_path,
        "--sounds",
        1,
    ]
    assert evaluate.main([str(x) for x in command]) == 0
    text = (tmp_path / "index.html").read_text("utf-8")
    for pair in TAG_PAIRS:
        assert f"{pair.low} and {pair.high}" in text
    assert ">Between two sounds" in text and Page(text).open == []
    areas = [float(x) for x in re.findall(r"AUC ([0-9.]+) before, ([0-9.]+) after", text)[0]]
    assert all(0.0 <= a <= 1.0 for a in areas)


def test_semantic_wants_a_run_of_flow_dis(runs, model_folder, tmp_path, caplog, monkeypatch):
    empty = {"held_out": True, "items": []}
    monkeypatch.setattr("evaluation.report.page.reconstruction", lambda *_: empty)
    for name in ("macros", "moving", "interpolation", "latent_map"):
        monkeypatch.setattr(f"evaluation.report.page.{name}", lambda *_: {})
    command = ["report", "--model", model_folder, "--semantic", runs[0], "--out", tmp_path]
    assert evaluate.main([str(x) for x in command]) == 2
    assert "flow_dis" in caplog.text


def test_a_page_that_cannot_be_written_is_said(model_folder, tmp_path, caplog):
    (tmp_path / "taken").write_text("a file")
    assert evaluate.main(["report", "--model", str(model_folder), "--out", str(tmp_path / "taken")]) == 2
    assert "cannot be made" in caplog.text


def test_lines_stay_in_the_chart():
    curves = np.array([[0.0, 0.5, 1.0], [0.2, 0.2, 0.2]])
    for own_range in (False, True):
        for line in lines_of(["a", "b"], curves, own_range=own_range):
            y = [float(p.split(",")[1]) for p in line.points.split()]
            assert all(0 <= v <= 40 for v in y) and len(y) == 3


def test_most_moving_leaves_the_volume_out():
    space = load_space("vital-16")
    patches = np.full((3, 16), 0.5, np.float32)
    patches[:, space.index("volume")] = [0, 0.5, 1]
    patches[:, 3] = [0.4, 0.5, 0.6]
    assert most_moving(space, patches, 2)[0] == 3
    assert space.index("volume") not in most_moving(space, patches, 15)
    rows = heat_rows(space, patches, [3])
    assert rows[0]["name"] == space[3].caption and [c["value"] for c in rows[0]["cells"]] == [0.4, 0.5, 0.6]


def test_area_under_curve_by_hand():
    high = np.array([False, False, True, True])
    assert area_under_curve(np.array([1.0, 2.0, 3.0, 4.0]), high) == 1.0
    assert area_under_curve(np.array([4.0, 3.0, 2.0, 1.0]), high) == 0.0
    assert area_under_curve(np.array([1.0, 3.0, 2.0, 4.0]), high) == 0.75
    assert area_under_curve(np.ones(4), high) == 0.5
    assert area_under_curve(np.ones(4), np.ones(4, bool)) == 0.5


def test_silence_has_a_clip_too(tmp_path):
    clip = ClipFolder(tmp_path, 22_050, 1.0).add(np.zeros(22_050, np.float32), "silence")
    assert (tmp_path / clip.sound).is_file() and (tmp_path / clip.picture).is_file()

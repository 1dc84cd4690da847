"""`evaluate.py table` on three tiny runs, as a researcher runs it."""

import csv
import re
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import save_file

import evaluate
from core.ruler.metrics import FIGURES
from evaluation.evaluated_model import open_run
from evaluation.score_cache import ScoreCache, answer_key, target_key
from evaluation.table import group_runs
from training.checkpoint import read_counters
from training.settings import TrainingSettings

N = 3


@pytest.fixture(scope="module")
def table(runs, tmp_path_factory):
    """A page on held-out renders and on a folder of sounds."""
    import soundfile

    folder = tmp_path_factory.mktemp("audio") / "dehors"
    folder.mkdir()
    soundfile.write(folder / "bruit.wav", np.random.default_rng(0).normal(0, 0.1, 30_000), 22_050)
    soundfile.write(folder / "silence.wav", np.zeros(30_000), 22_050)
    out = tmp_path_factory.mktemp("docs") / "results.md"
    reading = out.with_name("à lire.md")
    reading.write_text("What they say: trois choses.\n", "utf-8")
    sets = ("--set-of", "test", "--set-of", folder, "--targets", N)
    assert run(runs[0].parent, *sets, "--reading", reading, "--out", out) == 0
    return out


def run(*arguments):
    return evaluate.main(["table", *map(str, arguments)])


def test_the_page_has_every_row_and_says_how_it_was_made(table):
    text = table.read_text("utf-8")
    rows = ("silence", "mean patch", "nearest render", "MLP", "CNN")
    for row in rows:
        # figures and certainty, in two sections, and once in the paper's layout
        assert text.count(f"\n| {row} |") >= 5
    assert "python evaluate.py table" in text and "Python 3" in text and "cores" in text
    assert "silence.wav: it is silent" in text
    assert text.index("# Results") < text.index("trois choses.") < text.index("Measured in")
    assert not re.search(r"\b(nan|inf)\b", text)


def test_the_files_agree(table):
    page = yaml.safe_load(table.with_suffix(".yaml").read_text("utf-8"))
    lines = list(csv.DictReader(table.with_suffix(".csv").read_text("utf-8").splitlines()))
    held_out, outside = page["sections"]
    for row in held_out["rows"]:
        if row["seeds"]:
            assert row["learning"]["parameters"] > 1_000 and row["learning"]["passes"] > 0
    assert (held_out["n_targets"], outside["n_targets"]) == (N, 1)
    assert len(lines) == (3 + 3) * (N + 1)  # three references and three runs
    for row in held_out["rows"]:
        mine = [x for x in lines if x["set"] == held_out["title"] and x["answer"] == row["name"]]
        assert len(mine) == N * max(1, len(row["seeds"]))
        for figure in FIGURES:
            there = [float(x[figure.name]) for x in mine if x[figure.name]]  # not every target has a pitch
            assert len(there) == len(mine) or figure.name == "pitch_cents"
            if there:
                assert row["figures"][figure.name]["mean"] == pytest.approx(np.mean(there), rel=1e-3)


def test_seeds_share_a_row(table):
    page = yaml.safe_load(table.with_suffix(".yaml").read_text("utf-8"))
    rows = {row["name"]: row for row in page["sections"][0]["rows"]}
    assert rows["MLP"]["seeds"] == [0, 1] and rows["CNN"]["seeds"] == [0]
    assert "std_over_seeds" in rows["MLP"]["figures"]["soft_mss_db"]
    assert 0 <= rows["MLP"]["variance_ratio"]["lowest"] <= rows["MLP"]["variance_ratio"]["mean"]


def test_references_are_what_they_say(table):
    """The held-out renders are also training renders here, so the nearest is the target itself."""
    page = yaml.safe_load(table.with_suffix(".yaml").read_text("utf-8"))
    rows = {row["name"]: row["figures"] for row in page["sections"][0]["rows"]}
    assert rows["nearest render"]["mse_n"]["mean"] == 0.0
    assert rows["nearest render"]["soft_mss_db"]["mean"] < 0.3
    assert rows["nearest render"]["mss_db"]["mean"] < 0.5
    assert rows["silence"]["sc"]["mean"] == pytest.approx(1.0)
    assert "mse_n" not in rows["silence"]


def test_what_was_measured_is_not_rendered_again(table, runs, tmp_path, monkeypatch):
    import evaluation.patch_renderer

    def no_engine(*_):
        raise AssertionError("rendered again")

    monkeypatch.setattr(evaluation.patch_renderer, "load_engine", no_engine)
    assert run(*runs, "--targets", N, "--out", tmp_path / "again") == 0
    again = yaml.safe_load((tmp_path / "again.yaml").read_text("utf-8"))
    first = yaml.safe_load(table.with_suffix(".yaml").read_text("utf-8"))
    assert again["sections"][0] == first["sections"][0]


def test_a_stopped_table_goes_on(runs, tmp_path, monkeypatch, request):
    import evaluation.table

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    real, calls = evaluation.table.compare, []

    def compare(*args):
        if len(calls) == 5:
            raise KeyboardInterrupt
        calls.append(1)
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(evaluation.table, "compare", compare)
        assert run(runs[0], "--targets", 2, "--out", tmp_path / "a.md") == 130
    file = next((tmp_path / "flow-synth-live" / "measured").glob("*.jsonl"))
    assert len(ScoreCache(file)) == 5
    assert run(runs[0], "--targets", 2, "--out", tmp_path / "a.md") == 0
    assert len(ScoreCache(file)) == 8  # four rows, two targets


def test_a_run_that_has_not_ended_is_left_out_and_named(runs, tmp_path, caplog):
    unfinished = tmp_path / "some" / "mlp-7"
    shutil.copytree(runs[1], unfinished)
    page = unfinished / "model.run.safetensors"
    counters = {**read_counters(page), "done": False}
    save_file({"random": torch.zeros(1)}, page, {"counters": yaml.safe_dump(counters)})
    assert run(runs[0], unfinished, "--targets", N, "--out", tmp_path / "a.md") == 0
    text = (tmp_path / "a.md").read_text("utf-8")
    assert "training has not ended: some/mlp-7." in text
    rows = yaml.safe_load((tmp_path / "a.yaml").read_text("utf-8"))["sections"][0]["rows"]
    assert next(row for row in rows if row["name"] == "MLP")["seeds"] == [0]
    assert run(unfinished, "--targets", N, "--out", tmp_path / "b.md") == 2
    assert "trained to its end" in caplog.text


def test_the_same_run_twice_is_refused(runs, tmp_path, caplog):
    assert run(runs[0], runs[0], "--targets", 1, "--out", tmp_path / "a.md") == 2
    assert "same seed" in caplog.text


def test_runs_that_differ_in_more_than_their_seed_get_rows_of_their_own(runs):
    groups = group_runs([open_run(path) for path in reversed(runs)])
    assert [(name, len(members)) for name, members in groups.items()] == [("MLP", 2), ("CNN", 1)]


def test_a_model_that_the_paper_does_not_have_goes_by_the_name_of_its_run():
    def run_of(name, architecture, **more):
        settings = TrainingSettings(name=name, architecture=architecture, **more)
        return SimpleNamespace(name=name, run=SimpleNamespace(settings=settings))

    runs = [run_of("mine-0", "proxy_flow"), run_of("mine-1", "proxy_flow", seed=1), run_of("vae-0", "vae")]
    runs.append(run_of("vital-32", "proxy_flow", shards=40))
    assert list(group_runs(runs)) == ["VAE", "mine", "vital-32"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--targets", "0"], "--targets"),
        (["--set-of", "nowhere"], "no folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(runs, tmp_path, caplog, options, message):
    assert run(runs[0], *options, "--out", tmp_path / "a.md") == 2
    assert message in caplog.text


def test_a_folder_that_is_no_run_is_said(tmp_path, caplog):
    assert run(tmp_path, "--out", tmp_path / "a.md") == 2
    assert "is not a run of train.py" in caplog.text


def test_a_damaged_line_of_the_cache_is_measured_again(tmp_path):
    figures = {f.name: 1.0 for f in FIGURES}
    file = tmp_path / "m.jsonl"
    ScoreCache(file).add("a", figures)
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"key": "b", "figu')
    kept = ScoreCache(file)
    assert "a" in kept and "b" not in kept
    kept.add("c", figures)
    assert {"a", "c"} == {key for key in ("a", "b", "c") if key in ScoreCache(file)}
    assert ScoreCache(file)["c"] == figures


def test_keys_tell_apart_what_is_different():
    x, y = np.zeros(3, np.float32), np.ones(3, np.float32)
    keys = {target_key({"note": 60}, x), target_key({"note": 61}, x), target_key({"note": 60}, y)}
    assert len(keys) == 3
    assert len({answer_key("t", x), answer_key("t", y), answer_key("t", None)}) == 3

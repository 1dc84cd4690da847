"""A campaign of two sizes of one synth, from renders to the verdict about sizes, as a researcher runs it."""

import yaml

import evaluate
from tests.support.paper import SMALL_PAPER
from tests.support.tiny_nested import write_tiny_nested
from training.all_models import main
from training.campaign import plan_campaign, read_campaign


def test_models_of_two_sizes_answer_the_same_sounds(tmp_path):
    small, large = write_tiny_nested(tmp_path / "nested", (16, 32))
    page = tmp_path / "campaign.yaml"
    campaign = {
        "data": {str(large.path): [0], str(small.path): [0]},
        "models": ["cnn", "flow_matching"],
        "runs": str(tmp_path / "runs"),
        "min_passes": 1,
        "min_minutes": 0,
        "settings": {"paper": SMALL_PAPER.to_dict(), "threads": 1, "bfloat16": False},
    }
    page.write_text(yaml.safe_dump(campaign))
    plan_campaign(read_campaign([page]), speed=lambda *_: 100.0)
    assert main([str(page)]) == 0
    runs = [str(tmp_path / "runs" / name) for name in ("vital-16", "vital-32")]
    out = tmp_path / "results.md"
    sets = ["--set-of", "test", "--set-of", str(small.path), "--targets", "2", "--workers", "1"]
    assert evaluate.main(["table", *runs, *sets, "--out", str(out)]) == 0
    found = yaml.safe_load(out.with_suffix(".yaml").read_text("utf-8"))
    titles = [section["title"] for section in found["sections"]]
    assert titles == ["vital-16, held out", "vital-32, held out", "vital-32, sounds of vital-16"]
    rows = [row["name"] for row in found["sections"][2]["rows"]]
    assert rows == ["silence", "mean patch", "nearest render", "CNN", "Flow matching"]
    cnn = found["sections"][2]["rows"][3]
    assert len(cnn["variance_ratio"]["of"]) == 16  # the parameters that both sizes have
    about_sizes = [row for row in found["claims"] if row["sounds"] == "vital-16, 16 to 32 parameters"]
    assert {row["claim"] for row in about_sizes} == {
        "CNN is worse with more parameters",
        "Flow matching is worse with more parameters",
    }
    assert "## Claim by claim" in out.read_text("utf-8")

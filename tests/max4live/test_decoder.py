"""The device's own decoder against numpy: the same weights and the same patches, from text in a script."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import ConfigError
from max4live.js.decoder import packing, weights
from max4live.js.decoder.packing import BASE, levels_of, packed, reflections, whole
from max4live.js.decoder.weights import FOLDER, flow_data, main, model_data, scripts
from models.coupling_arrays import Block, CouplingArrays
from tests.max4live.decoder_in_node import device, needs_node, rows
from tests.support.tiny_model import tiny_flow, write_tiny_model

N_POINTS = 1_000
MOST_BYTES = 400_000  # of one file


def in_float64(flow):
    """The flow with weights that numpy multiplies in float64."""
    blocks = [
        Block(**{part: array.astype(np.float64) for part, array in vars(block).items()})
        for block in flow.blocks
    ]
    leveler = flow.leveler and replace(
        flow.leveler,
        **{p: getattr(flow.leveler, p).astype(np.float64) for p in ("w0", "b0", "w1", "b1", "w2", "b2")},
    )
    return CouplingArrays(blocks, flow.shift.astype(np.float64), flow.scale.astype(np.float64), leveler)


@pytest.fixture(scope="module")
def latents(shipped):
    """Random points, and the presets', which are further out."""
    drawn = np.random.default_rng(11).normal(size=(N_POINTS, shipped.flow.n_latent))
    return np.concatenate([drawn, shipped.presets.latents]).astype(np.float32)


def test_the_scripts_are_those_of_the_shipped_model(shipped):
    for name, text in scripts(shipped).items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, (
            "run: python -m max4live.js.decoder.weights"
        )
        assert text.isascii(), "an old engine may read the file in another encoding"
        assert len(text) < MOST_BYTES


def test_check_tells_what_is_out_of_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    small = write_tiny_model(tmp_path / "small", n=16)
    assert main(["--check", "--model", str(small)]) == 1
    assert "fsl_model.js is out of date" in capsys.readouterr().out
    assert main(["--model", str(small)]) == 0
    assert main(["--check", "--model", str(small)]) == 0
    assert main(["--model", str(tmp_path / "none")]) == 2
    assert "no model folder" in capsys.readouterr().err


def test_a_flow_of_another_kind_is_refused(shipped):
    with pytest.raises(ConfigError, match="coupling flows alone"):
        model_data(replace(shipped, flow=object()))


def test_the_alphabet_is_the_scripts_own():
    source = (FOLDER / "fsl_unpack.js").read_text(encoding="utf-8")
    assert f'var ALPHABET = "{packing.ALPHABET}";' in source
    assert len(set(packing.ALPHABET)) == BASE == 91


def unpack_in_node(texts, by="rows", *arguments):
    """What a function of fsl_unpack.js reads."""
    source = (
        f'const read = require("fsl_unpack").{by};'
        'const all = JSON.parse(require("fs").readFileSync(0, "utf8"));'
        f"process.stdout.write(JSON.stringify(all.map((text) => read(text, ...{list(arguments)}))));"
    )
    done = subprocess.run(
        ["node", "-e", source],
        env={"NODE_PATH": str(FOLDER), "PATH": str(Path(shutil.which("node")).parent)},
        input=json.dumps(texts),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [np.array(numbers) for numbers in json.loads(done.stdout)]


@needs_node
@pytest.mark.parametrize("n", [1, 2, 15, 31])
def test_a_rotation_is_read_back_and_stays_one(n):
    rng = np.random.default_rng(n)
    turned = np.linalg.qr(rng.normal(size=(n, n)))[0]
    given = [turned, turned[:, rng.permutation(n)] * rng.choice([-1.0, 1.0], n), np.eye(n), -np.eye(n)[::-1]]
    kept = [packed(reflections(matrix), (7, 2)) for matrix in given]
    for matrix, read in zip(given, unpack_in_node(kept, "rotation"), strict=True):
        np.testing.assert_allclose(read, matrix, atol=2e-6)
        np.testing.assert_allclose(read @ read.T, np.eye(n), atol=1e-12)


@needs_node
def test_whole_numbers_are_read_back():
    assert unpack_in_node([whole(range(91), 1)], "whole", 1)[0].tolist() == list(range(91))
    assert unpack_in_node([whole([0, 8280, 91, 4097], 2)], "whole", 2)[0].tolist() == [0, 8280, 91, 4097]


@needs_node
@pytest.mark.parametrize("form", [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (8, 3)], ids=str)
def test_what_is_packed_is_read_back(form):
    rng = np.random.default_rng(3)
    given = [
        rng.normal(size=(7, 5)) * 10.0 ** rng.integers(-2, 2, (7, 1)),
        np.zeros((2, 3)),
        np.array([[-8.57]]),
        rng.normal(size=(200, 40)),
        np.eye(4) * [[1.0], [1e-3], [1.0], [0.0]],
    ]
    for matrix, read in zip(given, unpack_in_node([packed(m, form) for m in given]), strict=True):
        assert read.shape == matrix.shape
        # Half a step of the row's scale, which is itself rounded up to a 753,570th of the largest.
        scale = np.abs(matrix).max(1, keepdims=True) + np.abs(matrix).max() / 753_570
        assert np.all(np.abs(read - matrix) <= scale / (levels_of(form) - 1) * (1 + 1e-6))


@needs_node
def test_weights_that_are_cut_off_are_refused():
    short = packed(np.ones((3, 3)))
    short["text"] = [short["text"][0][:-1]]
    with pytest.raises(subprocess.CalledProcessError, match="exit status 1"):
        unpack_in_node([short])


@needs_node
def test_it_decodes_as_numpy_does(shipped, latents):
    patches = rows(device(decode=latents.tolist())["decode"])
    assert np.abs(patches - in_float64(shipped.flow).decode(latents)).max() < 1e-4
    assert np.abs(patches - shipped.flow.decode(latents)).max() < 1e-4  # what a server without ONNX plays


@needs_node
def test_inverting_leads_back(shipped, latents):
    patches = shipped.flow.decode(latents)
    found = rows(device(invert=patches.tolist())["invert"])
    again = rows(device(decode=found.tolist())["decode"])
    assert np.abs(again - patches).max() < 1e-3
    inside = np.all((patches > 0.0) & (patches < 1.0), axis=1)  # a clipped value tells nothing of its latent
    assert inside.sum() > 30
    # As near as the rounded weights lead: an error of 1e-4 in a patch is more in a latent.
    assert np.abs(found - shipped.flow.invert(patches))[inside].max() < 1e-2


@needs_node
@pytest.mark.parametrize("leveled", [False, True])
@pytest.mark.parametrize("n", [15, 16, 32])
def test_flows_of_other_shapes(n, leveled):
    flow = tiny_flow(n=n, n_blocks=3, hidden=21, seed=n, leveled=leveled)
    z = np.random.default_rng(n).normal(size=(50, n)).astype(np.float32)
    expected = in_float64(flow).decode(z)
    answer = device(flow_data(flow), decode=z.tolist(), invert=expected.tolist())
    assert np.abs(rows(answer["decode"]) - expected).max() < 1e-4
    assert np.abs(flow.decode(rows(answer["invert"])) - expected).max() < 1e-3


@needs_node
def test_a_point_that_decodes_to_no_number_is_told():
    answer = device(decode=[["nowhere"] * 32, [0.0] * 32])["decode"]
    assert [each["ok"] for each in answer] == [False, True]


@needs_node
def test_ends_have_a_latent():
    ends = [[0.0] * 32, [1.0] * 32]
    found = device(invert=ends)["invert"]
    again = rows(device(decode=rows(found).tolist())["decode"])
    assert np.abs(again - ends).max() < 1e-3

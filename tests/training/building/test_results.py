"""What `--results` writes is unpacked to the same model, and to nothing outside its folder."""

import io
import tarfile

import numpy as np
import pytest
from safetensors.numpy import load_file

import training.build.results
from core.errors import ConfigError
from models.folder import ModelFolder
from training.build.results import main, unpack_results, write_results


def contents(folder):
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_model_comes_back(built, tmp_path):
    assert main([str(built.folder / "results"), "--out", str(tmp_path / "card")]) == 0
    model = tmp_path / "card" / "model" / "smoke"
    assert contents(model) == contents(built.model)
    assert ModelFolder.load(model).name == "smoke"
    assert (tmp_path / "card" / "settings.yaml").read_bytes() == (built.run / "settings.yaml").read_bytes()
    got = load_file(tmp_path / "card" / "flow.best.safetensors")
    for name, value in load_file(built.run / "flow.best.safetensors").items():
        np.testing.assert_allclose(got[name].astype(np.float32), value, rtol=1e-3, atol=1e-6)


def test_parts_are_no_larger_than_said_and_old_ones_go(built, tmp_path, monkeypatch):
    assert training.build.results._PART_BYTES == 15_000_000
    monkeypatch.setattr(training.build.results, "_PART_BYTES", 100_000)
    (tmp_path / "build.tar.77").write_bytes(b"of an earlier build")
    files = write_results(built.run, built.model, tmp_path)
    assert sorted(tmp_path.iterdir()) == files and len(files) > 3
    assert {file.stat().st_size for file in files[:-1]} == {100_000}
    assert contents(unpack_results(tmp_path, tmp_path / "out")) == contents(built.model)

    files[-1].rename(tmp_path / "kept")
    with pytest.raises(ConfigError, match="Copy all of its files again"):
        unpack_results(tmp_path, tmp_path / "short")
    (tmp_path / "kept").rename(files[-1])
    files[1].unlink()
    with pytest.raises(ConfigError, match=r"lacks build\.tar\.01"):
        unpack_results(tmp_path, tmp_path / "gap")


@pytest.mark.parametrize("name", ["../outside", "model/../../outside", "link"])
def test_nothing_is_written_outside(name, tmp_path):
    with tarfile.open(tmp_path / "build.tar.00", "w") as tar:
        info = tarfile.TarInfo(name)
        if name == "link":
            info.type, info.linkname = tarfile.SYMTYPE, str(tmp_path / "outside")
            tar.addfile(info)
        else:
            info.size = 3
            tar.addfile(info, io.BytesIO(b"bad"))
    with pytest.raises(ConfigError, match="cannot be unpacked"):
        unpack_results(tmp_path, tmp_path / "out")
    assert not (tmp_path / "outside").exists()


def test_a_folder_without_results_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"no build\.tar\.00"):
        unpack_results(tmp_path, tmp_path / "out")
    (tmp_path / "build.tar.00").write_bytes(b"no archive" * 100)
    with pytest.raises(ConfigError, match="Copy all"):
        unpack_results(tmp_path, tmp_path / "out")

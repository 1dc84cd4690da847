"""The store: what was heard comes back, whatever happens to the file."""

from pathlib import Path

import numpy as np
import pytest

from library.codes import CODE_BYTES
from library.heard import Heard
from library.index import Index, KnownFile, read_index, write_index
from library.scan import FoundFile


def heard(seed=0, silent=False):
    rng = np.random.default_rng(seed)
    return Heard(
        author="Ann 🎹",
        style="Bass",
        loudness=-12.5,
        repeat_db=0.25,
        descriptors=np.round(rng.normal(size=12), 4).astype(np.float32),
        code=rng.integers(0, 256, 0 if silent else CODE_BYTES, np.uint8),
    )


def index_of(*digests):
    files = {f"/presets/{digest}\udcff.vital": KnownFile(3, 2**61, digest) for digest in digests}
    return Index({digest: heard(k, k == 1) for k, digest in enumerate(digests)}, {"bad": "no"}, files)


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "new" / "heard"
    write_index(path, index_of("a", "b", "c"))
    read, meant = read_index(path), index_of("a", "b", "c")
    assert read.files == meant.files and read.refused == meant.refused and list(read.heard) == ["a", "b", "c"]
    for digest, one in read.heard.items():
        other = meant.heard[digest]
        assert (one.author, one.style, one.loudness, one.repeat_db) == ("Ann 🎹", "Bass", -12.5, 0.25)
        assert np.array_equal(one.code, other.code)
        assert one.descriptors == pytest.approx(other.descriptors, abs=1e-5)
    assert read.heard["b"].is_silent and not read.heard["a"].is_silent


def test_two_writers_keep_what_the_other_has(tmp_path):
    write_index(tmp_path / "heard", index_of("a"))
    write_index(tmp_path / "heard", index_of("b"))
    written = read_index(tmp_path / "heard")
    assert set(written.heard) == {"a", "b"} and len(written.files) == 2
    write_index(tmp_path / "heard", index_of("c"), own=[Path("/presets")])
    assert list(read_index(tmp_path / "heard").files) == ["/presets/c\udcff.vital"]


@pytest.mark.parametrize("cut", [0, 1, 40, 200, 1_500, -1])
def test_a_cut_file_is_set_aside(tmp_path, cut):
    path = tmp_path / "heard"
    write_index(path, index_of("a", "b"))
    path.write_bytes(path.read_bytes()[:cut])
    assert read_index(path) == Index()
    assert not path.exists() and len(list((tmp_path / "damaged").iterdir())) == 1
    assert read_index(path) == Index()


def test_what_an_earlier_version_heard_is_heard_anew(tmp_path):
    path = tmp_path / "heard"
    write_index(path, index_of("a", "b"))
    path.write_bytes(path.read_bytes().replace(b'{"format": 2', b'{"format": 1', 1))
    assert read_index(path) == Index() and path.exists()  # it is not damaged
    write_index(path, index_of("c"))
    assert list(read_index(path).heard) == ["c"]


@pytest.mark.parametrize("k", range(0, 1_200, 37))
def test_a_changed_byte_is_survived(tmp_path, k):
    path = tmp_path / "heard"
    write_index(path, index_of("a", "b"))
    data = bytearray(path.read_bytes())
    data[k] ^= 0x15
    path.write_bytes(data)
    for one in read_index(path).heard.values():
        assert len(one.code) in (0, CODE_BYTES) and np.isfinite(one.descriptors).all()


def test_files_that_are_gone_are_forgotten_and_their_contents_are_not():
    index = Index({"a": heard()}, {}, {})
    index.files = {f"/presets/{n}": KnownFile(1, 1, "a") for n in ("1", "2")} | {
        "/else/3": KnownFile(1, 1, "a")
    }
    index.forget_files([Path("/presets")], [FoundFile(Path("/presets/2"), 1, 1)])
    assert set(index.files) == {"/presets/2", "/else/3"} and "a" in index.heard


def test_its_size_is_bounded():
    index = index_of(*"abcdefgh")
    index.files = {path: known for path, known in index.files.items() if known.digest in "gh"}
    index.bound(3)
    assert set(index.heard) == {"f", "g", "h"}

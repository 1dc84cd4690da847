"""What is imported when a server, or a process that plays, starts: nothing that is slow or heavy."""

from itertools import pairwise

import pytest

from tests.support.modules import HALLS, MODULES, ROOT, file_of, hall, names_at_start

# Too slow or too heavy for the start of a server; imported inside the functions that need them.
HEAVY = {"swift_f0", "torch", "vita", "librosa", "sounddevice", "dawdreamer", "pedalboard"}


def heavy_on_the_way(start, heavy=HEAVY):
    """What importing a module imports of what is heavy, through modules of ours, with the way there."""
    waiting, seen, found = [(start, ())], set(), {}
    while waiting:
        path, way = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        way = (*way, str(path.relative_to(ROOT)))
        for name in names_at_start(path):
            if hits := {one for one in heavy if f"{name}.".startswith(f"{one}.")}:
                found |= dict.fromkeys(hits, way)
            elif name.split(".")[0] in HALLS and (file := file_of(name)):
                waiting.append((file, way))
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if hall(path) in ("server", "run_server")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_server_starts_light(path):
    assert heavy_on_the_way(path) == {}


@pytest.mark.parametrize(
    "name",
    [
        "run_server.py",
        "sounding/sound_process.py",
        "sounding/renderer.py",
        "sketching/rendering/render_worker.py",
    ],
)
def test_processes_that_play_and_render_start_light(name):
    # 40 MB each time; of SciPy, `scipy.fft` is small.
    assert heavy_on_the_way(ROOT / name, HEAVY | {"scipy.signal", "scipy.stats", "onnxruntime"}) == {}


def test_what_every_process_imports_anew_is_little():
    names = names_at_start(ROOT / "run_server.py")
    assert {name.split(".")[0] for name in names} & HALLS == {"core"}


def test_the_way_is_followed_through_our_modules():
    ways = [way for path in MODULES for way in heavy_on_the_way(path).values()]
    assert any(len(way) > 2 for way in ways)
    for way in ways:
        for here, there in pairwise(way):
            names = names_at_start(ROOT / here)
            assert there in {str(file.relative_to(ROOT)) for name in names if (file := file_of(name))}

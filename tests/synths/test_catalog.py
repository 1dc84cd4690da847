"""One row of facts for each synth, and no test of a synth's name anywhere else."""

import ast
import subprocess
import sys

import numpy as np
import pytest

from core.errors import ConfigError, RenderError
from core.space import Parameter, ParameterSpace, VolumeGain
from synths.catalog import SYNTHS, facts_of, load_engine
from synths.engine import Note
from synths.space_files import load_space, space_names
from synths.vital import VitalEngine
from tests.support.modules import MODULES, ROOT, imported, parse

NOTE = Note(held_seconds=0.1, seconds=0.2)


@pytest.mark.parametrize("name", ["vital-16", "vital-32", "vital-64"])
def test_every_space_of_vital_is_played_by_vital(name):
    space = load_space(name)
    engine = load_engine(space, 44_100)
    assert isinstance(engine, VitalEngine) and engine.sample_rate == 44_100
    audio = engine.render(space.decode(space.neutral), NOTE)
    assert audio.shape == (2, 8_820) and np.abs(audio).max() > 0.01


def test_a_synth_nobody_plays_names_the_nearest():
    space = load_space("vital-16")
    with pytest.raises(ConfigError, match="no engine plays 'vitall'; did you mean 'vital'"):
        load_engine(ParameterSpace("x", "vitall", space.parameters))


def test_an_engine_that_is_not_installed_says_what_installs_it(monkeypatch):
    monkeypatch.delitem(sys.modules, "synths.vital", raising=False)
    monkeypatch.setitem(sys.modules, "vita", None)  # import then raises ImportError
    with pytest.raises(RenderError, match=r"Vital is not installed \(.*\); install it: python -m pip"):
        load_engine(load_space("vital-16"))


@pytest.mark.parametrize("name", SYNTHS)
def test_a_row_is_complete(name):
    facts = facts_of(name)
    assert facts.name == name and facts.make_engine is not None and facts.install
    assert facts.spaces == tuple(n for n in space_names() if n.startswith(f"{name}-"))
    for space in map(load_space, facts.spaces):
        assert facts_of(space) is facts
        assert facts.volume in space, "training patches are levelled by it"
    assert facts.kinds is None or facts.kinds.is_file()
    assert facts.kinds is not None or facts.read_banks is not None
    assert facts.preset_file is None or facts.preset_file.suffix.startswith(".")


def test_of_a_plug_in_the_engine_is_known_and_of_a_synth_outside_nothing():
    plugin = facts_of("plugin:Some Synth.vst3")
    assert (plugin.title, plugin.volume, plugin.kinds) == ("Some Synth", None, None)
    assert plugin.called == facts_of("fresh-plugin:Some Synth.vst3").called == "Some Synth"
    assert facts_of("vital").called == "vital" and facts_of("my box").called == "my box"
    gain = VolumeGain(name="Out", gain_db=(-40.0, 0.0))
    row = Parameter(name="Out", label="Out", low=0.0, high=1.0)
    measured = facts_of(ParameterSpace("s", "plugin:Some Synth.vst3", [row], volume=gain))
    assert (measured.volume, measured.gain) == ("Out", gain)
    with pytest.raises(RenderError, match="Some Synth.vst3 is not installed"):
        plugin.make_engine(22_050)
    outside = facts_of("my box")
    assert outside.make_engine is None and outside.kinds is None and outside.spaces == ()


def test_facts_load_no_engine():
    heavy = "{'vita', 'dawdreamer', 'pedalboard', 'synths.vital_preset'}"
    code = (
        "import sys; from synths.catalog import SYNTHS, facts_of; "
        "[facts_of(space) for name in SYNTHS for space in facts_of(name).spaces]; "
        f"assert not {heavy} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def compared_strings(tree):
    """Strings that a comparison or a `startswith` has in it."""
    for node in ast.walk(tree):
        prefix = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "startswith"
        if prefix or isinstance(node, ast.Compare | ast.MatchValue):
            yield from (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_other_code_tests_a_synths_name(path):
    about_one = path.stem.startswith(tuple(SYNTHS))  # such as `vital_preset.py`
    names = {*SYNTHS, "plugin:", "fresh-plugin:"}
    tested = names & set(compared_strings(parse(path)))
    assert about_one or not tested, f"ask `facts_of` instead of testing for {tested}"


def test_synths_import_each_other_in_no_circle():
    arrows = {
        f"synths.{path.stem}": {name for name in imported(parse(path)) if name.startswith("synths.")}
        for path in MODULES
        if path.parent == ROOT / "synths"
    }
    arrows = {module: names & set(arrows) for module, names in arrows.items()}
    while free := {module for module, names in arrows.items() if not names}:
        arrows = {module: names - free for module, names in arrows.items() if module not in free}
    assert not arrows, "what is left imports itself by a detour"

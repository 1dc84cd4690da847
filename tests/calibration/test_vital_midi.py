"""Vital's controllers: in, idempotent, out again to the byte, and nothing else touched."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from calibration import vital_midi
from calibration.settings_file import SettingsText, read_settings
from calibration.vital_map import VITAL_SPACES, apply, our_map, undo
from calibration.vital_midi import backup_of, main
from core.errors import ConfigError
from synths.space_files import load_space

# As Vital 1.5 writes it: one line, keys in order.
REAL = (
    '{"animate_widgets":true,"author":"Ána","check_for_updates":false,"data_directory":"/home/ána/Music/Vital",'
    '"keyboard_layout":{"chromatic_layout":"awsedftgyhujkolp;\'","octave_down":"z","octave_up":"x"},'
    '"midi_learn":[{"destinations":[{"destination":"macro_control_1","max_range":1.0,"min_range":0.0}],"source":1},'
    '{"destinations":[{"destination":"filter_2_cutoff","max_range":136.0,"min_range":8.0}],"source":30}],'
    '"synth_version":"1.5.5","window_size":0.8408964276313782}'
)

# -- what other programs may have written

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
destinations = st.builds(
    lambda name: {"destination": name, "max_range": 1.0, "min_range": 0.0},
    st.sampled_from(["macro_control_1", "filter_2_cutoff", "volume", "osc_1_pan"]),
)
maps = st.dictionaries(
    st.integers(0, 127), st.lists(destinations, max_size=3, unique_by=lambda d: d["destination"]), max_size=6
).map(lambda m: [{"destinations": d, "source": c} for c, d in m.items()])
indents = st.sampled_from([None, 0, 2, "\t"])


@st.composite
def settings(draw):
    """Text of a settings file, with or without controllers, in any spelling."""
    data = draw(st.dictionaries(names.filter(lambda n: n != "midi_learn"), values, max_size=4))
    if draw(st.booleans()):
        items = [*data.items()]
        items.insert(draw(st.integers(0, len(items))), ("midi_learn", draw(maps | st.none())))
        data = dict(items)
    text = json.dumps(data, indent=draw(indents), ensure_ascii=draw(st.booleans()))
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", "\n", " \r\n"]))


def vital_reads(text):
    """What Vital makes of its file: `loadConfig` in its sources."""
    found = {}
    for entry in json.loads(text.lstrip("\ufeff")).get("midi_learn") or []:
        for destination in entry["destinations"] or []:
            found.setdefault(entry["source"], set()).add(destination["destination"])
    return found


FEW = hypothesis_settings(max_examples=40, deadline=None)


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "Mes réglages d'Ána" / "Vital.config"
    path.parent.mkdir()
    path.write_bytes(REAL.encode())
    return path


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch):
    monkeypatch.setattr(vital_midi, "running_programs", set)


def command(config, *words):
    return main(["--config", str(config), *words])


# -- one value of a file


@FEW
@given(settings(), values)
def test_another_value_leaves_every_other_byte(text, value):
    before = SettingsText(text, "x")
    spelled = json.dumps(value)
    after = before.with_value("midi_learn", spelled)
    assert after.value("midi_learn") == value
    old = before.spelling("midi_learn")
    if old is None:
        assert after.without("midi_learn").text == text
    else:
        assert after.with_value("midi_learn", old).text == text
        assert len(after.text) - len(text) == len(spelled) - len(old)
    rest = json.loads(text.lstrip("\ufeff"))
    rest["midi_learn"] = value
    assert json.loads(after.text.lstrip("\ufeff")) == rest


@FEW
@given(settings())
def test_without_takes_one_key_away(text):
    left = json.loads(SettingsText(text, "x").without("midi_learn").text.lstrip("\ufeff"))
    rest = json.loads(text.lstrip("\ufeff"))
    rest.pop("midi_learn", None)
    assert left == rest


DAMAGED = """ |null|[]|1|{"a":1|{"a":1}}|{"a" 1}|{"a":1,}|{a:1}|{"a":1 "b":2}|{"a":}|{"a":1,"a":2}
|{'a':1}|{"a":1}x|{""".replace("\n", "")


@pytest.mark.parametrize("text", ["", "\ufeff", "[" * 100_000, '{"a":' + "[" * 100_000, *DAMAGED.split("|")])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(ConfigError, match="nothing was changed"):
        SettingsText(text, "x")


def test_a_file_that_is_not_utf8_or_huge_is_refused(tmp_path):
    bad = tmp_path / "bad"
    bad.write_bytes(b'{"author":"\xff"}')
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_settings(bad)
    with bad.open("wb") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(ConfigError, match="larger"):
        read_settings(bad)
    with pytest.raises(ConfigError, match="regular file"):
        read_settings(tmp_path)


# -- the controllers


@pytest.mark.parametrize("name", VITAL_SPACES)
def test_vital_answers_every_parameter_of_the_space(name, config):
    space = load_space(name)
    heard = vital_reads(apply(config, space).settings.text)
    for p in space:
        assert heard[p.control_change] == {p.name}
    assert heard[1] == {"macro_control_1"}, "what the user taught stays"


def test_every_destination_is_a_control_of_the_engine_with_that_range():
    vita = pytest.importorskip("vita")
    engine = vita.Synth()
    for (destination,), p in zip(
        our_map(load_space("vital-64")).values(), load_space("vital-64"), strict=True
    ):
        details = engine.get_control_details(destination["destination"])  # Vital crashes on a name it lacks
        assert destination["destination"] == p.name
        assert (destination["min_range"], destination["max_range"]) == pytest.approx(
            (details.min, details.max)
        )
        assert details.display_name == p.label


def test_half_a_controller_is_half_the_range():
    """`midiInput`: value / 127 of the raw range, which is what normalized means."""
    space = load_space("vital-64")
    for (destination,) in our_map(space).values():
        p = space[destination["destination"]]
        low, high = destination["min_range"], destination["max_range"]
        for value in (0, 1, 64, 127):
            assert p.normalized_raw(value / 127 * (high - low) + low) == pytest.approx(value / 127, abs=1e-9)


def write(folder, text):
    path = Path(folder) / "Vital.config"
    path.write_bytes(text.encode())
    return path


@FEW
@given(text=settings(), name=st.sampled_from(VITAL_SPACES))
def test_in_and_out_again_to_the_byte(text, name, tmp_path_factory):
    folder = tmp_path_factory.mktemp("v")
    path, space = write(folder, text), load_space(name)
    backup = backup_of(path)
    backup.write_bytes(path.read_bytes())
    change = apply(path, space)
    path.write_bytes(change.settings.text.encode())
    again = apply(path, space)
    assert not again.changed and again.settings.text == change.settings.text
    assert undo(path, backup).settings.text == text


@FEW
@given(text=settings())
def test_only_our_controllers_change(text, tmp_path_factory):
    path, space = write(tmp_path_factory.mktemp("v"), text), load_space("vital-32")
    before, after = vital_reads(text), vital_reads(apply(path, space).settings.text)
    ours = {p.control_change for p in space}
    keep = {c: d for c, d in before.items() if c not in ours}
    assert {c: d for c, d in after.items() if c not in ours} == keep


OTHER_SHAPES = """1|"x"|{}|[1]|[{"source":"1"}]|[{"source":1.5}]|[{"source":true}]|[{"destinations":[]}]
|[{"source":1,"destinations":{}}]|[{"source":1,"destinations":[1]}]|[{"source":1},{"source":1}]
|[{"source":1,"destinations":[{"destination":1}]}]|[{"source":1,"channel":2}]"""


@pytest.mark.parametrize("wrong", OTHER_SHAPES.replace("\n", "").split("|"))
def test_controllers_in_another_shape_are_refused(wrong, config, capsys):
    text = '{"midi_learn":' + wrong + "}"
    config.write_text(text)
    assert command(config) == 2
    assert "nothing was changed" in capsys.readouterr().err
    assert config.read_text() == text and not backup_of(config).exists()


@FEW
@given(at=st.integers(0, len(REAL.encode()) - 1), byte=st.integers(0, 255))
def test_a_damaged_byte_is_refused_or_harmless(at, byte, tmp_path_factory):
    raw = bytearray(REAL.encode())
    raw[at] = byte
    path = tmp_path_factory.mktemp("v") / "Vital.config"
    path.write_bytes(raw)
    try:
        change = apply(path, load_space("vital-32"))
    except ConfigError:
        return
    assert vital_reads(change.settings.text)[20] == {"volume"}


def test_another_synths_space_is_refused(monkeypatch):
    space = load_space("vital-16")
    monkeypatch.setattr(space, "synth", "amsynth")
    with pytest.raises(ConfigError, match="vital-16 is for amsynth"):
        our_map(space)

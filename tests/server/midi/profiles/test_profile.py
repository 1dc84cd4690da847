import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from server.instrument.preset_file import can_be_named
from server.midi.bindings.binding import AXES, FEEDBACK_KINDS, Binding
from server.midi.bindings.response import CURVES, Response
from server.midi.bindings.takeover import TAKEOVER_MODES
from server.midi.codec.builder import SHOWABLE_KINDS
from server.midi.codec.control import STRUCK_KINDS, Control
from server.midi.codec.relative import ENCODINGS
from server.midi.codec.rings import RING_CODINGS
from server.midi.profiles.profile import Profile, profile_path, read_profile, write_profile
from tests.server.midi.strategies import controls

CC_TO_MACRO = "cc 21\n  channel: 1\n  macro: 0"
GOOD = """# mine
format: 1
device: Nano
bindings:
- control: cc 21
  channel: 1
  macro: 0
- control: cc 22
  macro: 1
"""


def others(control, kinds):
    """What may belong to a control: on its channel, or another one."""
    found = controls().filter(lambda other: other.kind in kinds)
    return found | found.map(lambda other: Control(other.kind, control.channel, other.number))


def osc():
    names = st.from_regex(r"/[a-z0-9/._-]{1,20}", fullmatch=True)
    return st.builds(Control, st.just("osc"), st.just(0), st.integers(0, 15), names)


@st.composite
def bindings(draw):
    """Any binding that a profile may hold."""
    control = draw(controls() | osc())
    if draw(st.booleans()):
        control = control.on_any_channel()
    preset = axis = None
    if control.kind not in STRUCK_KINDS and draw(st.booleans()):
        axis = draw(st.sampled_from(AXES))
    if control.kind == "program" or (control.kind == "note" and draw(st.booleans())):
        preset = draw(st.text(min_size=1, max_size=20).filter(can_be_named))
    plain = preset is not None or axis is not None
    ring = None if plain else draw(st.none() | others(control, SHOWABLE_KINDS))
    coding = draw(st.sampled_from(RING_CODINGS)) if ring is not None and ring.kind == "cc" else "value"
    return Binding(
        control=control,
        macro=draw(st.integers(0, 63)) if not plain else None,
        axis=axis,
        preset=preset,
        instrument=draw(st.just("") | st.text(min_size=1, max_size=20).filter(can_be_named)),
        sends=draw(st.sampled_from(ENCODINGS)) if control.kind == "cc" else "absolute",
        takeover=draw(st.sampled_from(TAKEOVER_MODES)),
        feedback=draw(st.sampled_from(FEEDBACK_KINDS)),
        ring=ring,
        coding=coding,
        touch=None if plain else draw(st.none() | others(control, ("note", "cc"))),
        response=Response(
            curve=draw(st.sampled_from(CURVES)),
            low=draw(st.floats(0.0, 0.4)),
            high=draw(st.floats(0.5, 1.0)),
            invert=draw(st.booleans()),
        ),
    )


@given(st.lists(bindings(), max_size=6))
def test_saved_and_loaded_is_the_same(tmp_path_factory, found):
    folder = tmp_path_factory.mktemp("controllers")
    profile = Profile(device="Nano: Kontrol/2 MIDI 1", bindings=tuple(found))
    write_profile(folder, profile)
    assert read_profile(folder, profile.device) == profile
    assert [path.suffix for path in folder.iterdir() if path.name != ".lock"] == [".yaml"]


COMMENTED = """# my desk
format: 1
device: Nano   # the old one
bindings:
  # the big knob
  - control: cc 21
    macro: 0     # brightness

  - {control: cc 22, macro: 1}   # short
  # for the left hand
  - macro: 2
    control: cc 23
    high: 0.8
# the end
"""


def edit(tmp_path, change, text=COMMENTED):
    path = profile_path(tmp_path, "Nano")
    path.write_text(text, encoding="utf-8")
    profile = read_profile(tmp_path, "Nano")
    assert not profile.problems
    write_profile(tmp_path, profile.with_bindings(change(list(profile.bindings))))
    return path.read_text(encoding="utf-8"), read_profile(tmp_path, "Nano").bindings


NEW = Binding(control=Control("cc", 1, 99), macro=5)


@pytest.mark.parametrize("gone", [None, 0, 1, 2])
def test_what_its_owner_wrote_stays_in_the_file(tmp_path, gone):
    def change(bindings):
        return [*(b for k, b in enumerate(bindings) if k != gone), NEW]

    text, bindings = edit(tmp_path, change)
    lost = {0: ["  - control: cc 21", "    macro: 0     # brightness"], 1: [], 2: []}
    lost[1] = ["  - {control: cc 22, macro: 1}   # short"]
    lost[2] = ["  - macro: 2", "    control: cc 23", "    high: 0.8"]
    left = [line for line in COMMENTED.splitlines() if line not in lost.get(gone, [])]
    assert [line for line in text.splitlines() if line in left] == left
    assert len(bindings) == (4 if gone is None else 3) and bindings[-1] == NEW


def test_all_may_go_and_the_comments_stay(tmp_path):
    text, bindings = edit(tmp_path, lambda bindings: [])
    assert bindings == () and "# the big knob" in text and "# my desk" in text


def test_what_is_added_by_hand_meanwhile_is_kept(tmp_path):
    path = profile_path(tmp_path, "Nano")
    path.write_text(COMMENTED)
    profile = read_profile(tmp_path, "Nano")
    path.write_text(COMMENTED.replace("# the end", "  - {control: cc 50, macro: 7}\n# the end"))
    write_profile(tmp_path, profile.with_bindings([*profile.bindings[1:], NEW]))
    assert [b.macro for b in read_profile(tmp_path, "Nano").bindings] == [1, 2, 7, 5]


def test_a_typo_made_meanwhile_is_not_written_over(tmp_path):
    path = profile_path(tmp_path, "Nano")
    path.write_text(COMMENTED)
    profile = read_profile(tmp_path, "Nano")
    path.write_text(text := COMMENTED.replace("cc 21", "ccc 21"))
    with pytest.raises(ConfigError, match="ccc"):
        write_profile(tmp_path, profile.with_bindings([NEW]))
    assert path.read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "# mine\nformat: 1\nbindings: [{control: cc 1, macro: 0}, {control: cc 2, macro: 1}]\n",
        "# mine\nformat: 1\n",
        "# mine\n{format: 1, bindings: [{control: cc 1, macro: 0}]}",
        "# mine\nformat: 1\nbindings:\n- control: cc 1\n  macro: 0",
    ],
)
def test_other_ways_of_writing_it(tmp_path, text):
    text, bindings = edit(tmp_path, lambda bindings: [*bindings[1:], NEW], text)
    assert bindings[-1] == NEW and "# mine" in text and text.startswith("# mine")


@given(st.lists(bindings(), max_size=5, unique_by=repr), st.data())
def test_any_change_of_any_profile(tmp_path_factory, found, data):
    folder = tmp_path_factory.mktemp("controllers")
    write_profile(folder, Profile(device="Nano", bindings=tuple(found)))
    path = profile_path(folder, "Nano")
    path.write_text("# mine\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    kept = [b for b in found if data.draw(st.booleans())]
    more = [b for b in data.draw(st.lists(bindings(), max_size=3, unique_by=repr)) if b not in found]
    write_profile(folder, read_profile(folder, "Nano").with_bindings([*kept, *more]))
    assert read_profile(folder, "Nano").bindings == (*kept, *more)
    assert path.read_text(encoding="utf-8").startswith("# mine\n")


def test_no_file_is_an_empty_profile(tmp_path):
    assert read_profile(tmp_path / "nowhere", "Nano") == Profile(device="Nano")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("cc 21", "cc 200", 5, "0 to 119"),
        ("cc 21", "ccc 21", 5, "'cc'"),
        ("cc 21", "cc", 5, "number"),
        ("cc 21", "osc", 5, "address"),
        ("cc 21", "osc fader", 5, "address"),
        ("cc 21", "osc /1/xy 99", 5, "0 to 15"),
        ("cc 21", "cc 1 2", 5, "number"),
        ("channel: 1", "channel: 17", 6, "1 to 16"),
        ("channel: 1", "chanel: 1", 6, "channel"),
        ("macro: 0", "macro: first", 7, "macro"),
        ("macro: 0", "macro: -1", 7, "macro"),
        ("macro: 0", "macro: true", 7, "macro"),
        ("  macro: 0\n", "", 5, "macro"),
        (CC_TO_MACRO, "pitch\n  channel: 1\n  preset: Pad 2", 7, "a note, program, cc or osc"),
        (CC_TO_MACRO, "pitch\n  channel: 1\n  command: vary", 7, "a note, program, cc or osc"),
        (CC_TO_MACRO, "cc 21\n  channel: 1\n  command: recrod", 7, "'record'"),
        (CC_TO_MACRO, "cc 21\n  channel: 1\n  command: hold", 7, "hold 3"),
        ("macro: 0", "macro: 0\n  command: vary", 5, "one thing"),
        ("macro: 0", "macro: 0\n  press: hard", 8, "momentary"),
        ("macro: 0", "macro: 0\n  range: 0 to 127", 8, "osc control"),
        (CC_TO_MACRO, "osc /x\n  channel: 1\n  macro: 0\n  range: 1 to 1", 8, "low to high"),
        (CC_TO_MACRO, "osc /x\n  channel: 1\n  macro: 0\n  range: wide", 8, "low to high"),
        ("cc 21\n  channel: 1\n  macro: 0", 'note 36\n  channel: 1\n  preset: "a\\x85b"', 7, "no preset"),
        ("macro: 0", "place: z", 7, "x, y"),
        ("macro: 0", "place: true", 7, "x, y"),
        ("macro: 0", "place: x\n  macro: 0", 5, "one of"),
        ("macro: 0", "place: x\n  ring: cc 3", 8, "ring"),
        ("cc 21\n  channel: 1\n  macro: 0", "note 21\n  place: x", 5, "key"),
        ("macro: 0", "macro: 0\n  takeover: picked", 8, "jump, pickup, scale"),
        ("macro: 0", "macro: 0\n  sends: two", 8, "twos"),
        ("macro: 0", "macro: 0\n  curve: 3", 8, "linear"),
        ("macro: 0", "macro: 0\n  feedback: off", 8, "lights, motor, none"),
        ("macro: 0", "macro: 0\n  ring: program 3", 8, "ring"),
        ("macro: 0", "macro: 0\n  ring: cc 48\n  coding: mackie", 9, "mackie dot, mackie boost-cut"),
        ("macro: 0", "macro: 0\n  coding: mackie dot", 8, "ring: cc 48"),
        ("macro: 0", "macro: 0\n  ring: pitch\n  coding: mackie fill", 9, "ring: cc 48"),
        ("macro: 0", "macro: 0\n  touch: note 104 channel 0", 8, "1 to 16"),
        ("cc 21", "cc 21 channel 2", 5, "number"),
        ("macro: 0", "macro: 0\n  touch: 104", 8, "touch"),
        ("macro: 0", "macro: 0\n  invert: 1", 8, "true, false"),
        ("macro: 0", "macro: 0\n  instrument: 808", 8, "quotation marks"),
        ("macro: 0", "macro: 0\n  instrument: ''", 8, "instrument: Bass"),
        ("macro: 0", "macro: 0\n  low: 0.6\n  high: 0.2", 9, "below"),
        ("macro: 0", "macro: 0\n  macro: 1", 8, "twice"),
        ("macro: 0", "macro: 0\n  high: .nan", 8, "0 to 1"),
    ],
)
def test_a_typo_is_told_with_its_line_and_the_others_hold(tmp_path, old, new, line, says):
    path = profile_path(tmp_path, "Nano")
    path.write_text(GOOD.replace(old, new, 1))
    profile = read_profile(tmp_path, "Nano")
    (problem,) = profile.problems
    assert f"{path}:{line}:" in problem and says in problem and "\n" not in problem
    assert profile.bindings == (Binding(control=Control("cc", 0, 22), macro=1),)


@pytest.mark.parametrize(
    "text",
    [
        "bindings: [",
        "- 1",
        "3",
        "format: 2",
        "bindings: 3",
        "bindings:\n- 3",
        "\t",
        "a: &a [*a]",
        "!!python/x y",
    ],
)
def test_what_is_no_profile_is_told_and_never_written_over(tmp_path, text):
    path = profile_path(tmp_path, "Nano")
    path.write_text(text)
    profile = read_profile(tmp_path, "Nano")
    assert not profile.bindings and len(profile.problems) == 1
    with pytest.raises(ConfigError, match="Until then"):
        write_profile(tmp_path, profile)
    assert path.read_text() == text


def test_bytes_that_are_no_text(tmp_path):
    profile_path(tmp_path, "Nano").write_bytes(b"\xff\xfe\x00")
    assert len(read_profile(tmp_path, "Nano").problems) == 1


@pytest.mark.parametrize("device", ["../../etc/passwd", "a/b", "C:\\x", "con", "..", "é ü 日本", "a" * 60])
def test_no_device_is_a_path(tmp_path, device):
    folder = tmp_path / "controllers"
    write_profile(folder, Profile(device=device))
    assert profile_path(folder, device).parent == folder
    assert read_profile(folder, device) == Profile(device=device)
    assert [p.name for p in tmp_path.iterdir()] == ["controllers"]


def test_a_folder_that_is_a_file(tmp_path):
    (tmp_path / "x").write_text("")
    with pytest.raises(ConfigError, match="--data"):
        write_profile(tmp_path / "x", Profile(device="Nano"))

"""What must not hurt: each attack ends in a clear state and error, and the sound stays as it was."""

import numpy as np
import pytest
import soundfile

from tests.server.sketch.conftest import of
from tests.server.sketch.voices import RATE, noise, saw, sine


def write(folder, name, audio, **options):
    soundfile.write(folder / name, audio, RATE, **options)


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../x.wav", "dot first"),
        ("..", "dot first"),
        ("a/b.wav", "file name"),
        ("a\\b.wav", "file name"),
        ("C:x.wav", "file name"),
        ("CON.wav", "file name"),
        ("x.exe", "there is no"),
        ("x" * 200 + ".wav", "128"),
        ("", "128"),
        ("a\nb.wav", ""),
    ],
)
def test_a_name_is_never_a_path(sketching, name, words):
    sketching.ask("/flow/sketch/file", name, 0)
    about, text = sketching.error()
    assert about == "/flow/sketch/file" and words in text


def silent(folder):
    write(folder, "sketch-9-1.wav", np.zeros(RATE))
    return "sketch-9-1.wav", "silent"


def nearly_silent(folder):
    write(folder, "sketch-9-2.wav", noise(level=1e-6), subtype="FLOAT")
    return "sketch-9-2.wav", "silent"


def not_finite(folder):
    audio = saw(220)
    audio[5000] = np.nan
    write(folder, "sketch-9-3.wav", audio, subtype="FLOAT")
    return "sketch-9-3.wav", "not finite"


def text(folder):
    (folder / "sketch-9-4.wav").write_text("no sound at all")
    return "sketch-9-4.wav", "no sound file"


def empty(folder):
    (folder / "sketch-9-5.wav").write_bytes(b"")
    return "sketch-9-5.wav", "is empty"


def a_full_disk_cut_it_short(folder):
    write(folder, "sketch-9-6.flac", saw(220))
    whole = (folder / "sketch-9-6.flac").read_bytes()
    (folder / "sketch-9-6.flac").write_bytes(whole[:60])
    return "sketch-9-6.flac", "sketch-9-6.flac"


def a_click(folder):
    write(folder, "sketch-9-7.wav", np.r_[np.zeros(RATE), np.ones(20), np.zeros(RATE)])
    return "sketch-9-7.wav", "too short"


def missing(folder):
    return "missing.wav", "there is no 'missing.wav'"


def a_folder(folder):
    (folder / "folder.wav").mkdir(exist_ok=True)
    return "folder.wav", "there is no"


def a_link_out_of_it(folder):
    outside = folder.parent / "outside.wav"
    write(folder.parent, "outside.wav", saw(220))
    if not (folder / "link.wav").is_symlink():
        (folder / "link.wav").symlink_to(outside)
    return "link.wav", "there is no"


BAD = [silent, nearly_silent, not_finite, text, empty, a_full_disk_cut_it_short, a_click, missing, a_folder]


@pytest.mark.parametrize("make", [*BAD, a_link_out_of_it], ids=lambda make: make.__name__)
def test_what_cannot_be_heard_is_said_and_changes_nothing(sketching, make):
    name, words = make(sketching.folder)
    sketching.ask("/flow/sketch/file", name, 0)
    heard = sketching.state("failed") + sketching.hear(lambda m: m[0] == "/flow/error", 10.0)
    ((about, said),) = of(heard, "/flow/error")
    assert about == "/flow/sketch/file" and words in said
    assert of(heard, "/flow/params") == [] and of(heard, "/flow/sketch/candidate") == []
    assert not any(entry.startswith("sketch-") for entry in listing(sketching.folder))


def a_moment(folder):
    write(folder, "sketch-8-1.wav", saw(220, 0.1))
    return "very short"


def hiss(folder):
    write(folder, "sketch-8-1.wav", noise(2.0))
    return "no clear pitch"


def clipping(folder):
    write(folder, "sketch-8-1.wav", np.clip(20 * saw(220, 2.0), -1, 1))
    return "clips"


def ten_minutes(folder):
    write(folder, "sketch-8-1.wav", np.tile(saw(220, 1.0), 600), subtype="PCM_16")
    return "only its first 4 s"


def strange(folder):
    soundfile.write(folder / "sketch-8-1.wav", np.stack([sine(220, 1.0, 7_333)] * 7, axis=1), 7_333)
    return ""


@pytest.mark.parametrize(
    "make", [a_moment, hiss, clipping, ten_minutes, strange], ids=lambda make: make.__name__
)
def test_what_is_odd_is_answered_and_said(sketching, make):
    words = make(sketching.folder)
    sketching.ask("/flow/sketch/file", "sketch-8-1.wav", 0)
    heard = sketching.answered()
    *_, frame = of(heard, "/flow/params")
    assert len(frame) == 33 and np.isfinite(frame[1:]).all()
    assert words in " ".join(text for (text,) in of(heard, "/flow/status"))
    assert not any(entry.startswith("sketch-") for entry in listing(sketching.folder))


def test_the_same_recording_gives_the_same_answer(sketching):
    write(sketching.folder, "mine.wav", saw(196, 1.5) + noise(1.5, 0.01))
    answers = []
    for _ in range(2):
        sketching.ask("/flow/latent", *[0.0] * 32)
        sketching.until_quiet()
        sketching.ask("/flow/sketch/file", "mine.wav", 0)
        heard = sketching.answered()
        *_, frame = of(heard, "/flow/params")
        answers.append((frame[1:], of(heard, "/flow/sketch/candidate"), of(heard, "/flow/pitch")))
    assert answers[0] == answers[1]
    assert answers[0][2][0][0] == 55 and abs(answers[0][2][0][1]) < 20
    assert "mine.wav" in listing(sketching.folder)  # what somebody put there stays


def test_only_the_time_that_counts_is_heard(sketching):
    """Flow Sketch writes its whole tape; what lies behind the take is an older one."""
    for k, behind in enumerate((saw(330, 2.0), noise(2.0), np.zeros(2 * RATE, np.float32))):
        write(sketching.folder, f"sketch-7-{k}.wav", np.concatenate([saw(110, 1.0), behind]))
    frames = []
    for k in range(3):
        sketching.ask("/flow/latent", *[0.0] * 32)
        sketching.until_quiet()
        sketching.ask("/flow/sketch/file", f"sketch-7-{k}.wav", 1000)
        frames.append(of(sketching.answered(), "/flow/params")[-1])
    assert frames[0][1:] == frames[1][1:] == frames[2][1:]


def test_a_candidate_can_be_picked_and_one_that_is_not_there_cannot(sketching):
    write(sketching.folder, "mine.wav", saw(196, 1.5))
    sketching.ask("/flow/sketch/file", "mine.wav", 0)
    offered = of(sketching.answered(), "/flow/sketch/candidate")
    indices = {k for k, _, _ in offered}
    assert indices == set(range(len(indices))) and len(indices) >= 2
    assert all(0.0 <= closeness <= 1.0 and label for _, closeness, label in offered)
    sketching.ask("/flow/sketch/pick", 1)
    second = of(sketching.hear(lambda m: m[0] == "/flow/params", 5.0), "/flow/params")[0]
    sketching.ask("/flow/sketch/pick", 0)
    first = of(sketching.hear(lambda m: m[0] == "/flow/params", 5.0), "/flow/params")[0]
    assert first[1:] != second[1:]
    sketching.ask("/flow/sketch/pick", 99)
    assert "no candidate 99" in sketching.error()[1]

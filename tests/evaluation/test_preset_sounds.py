import numpy as np
import soundfile

from core.loudness import momentary_loudness
from core.playing.note import Note
from evaluation.preset_sounds import main, write_preset_sounds
from synths.base_patch import BASE_PATCH


def test_presets_become_leveled_sounds_once(tmp_path):
    presets, out = tmp_path / "des préréglages", tmp_path / "sounds"
    presets.mkdir()
    (presets / "one.vital").write_bytes(BASE_PATCH.read_bytes())
    (presets / "broken.vital").write_text("{}")
    (file,) = write_preset_sounds(presets, out, Note(held_seconds=0.5, seconds=1.0))
    audio, rate = soundfile.read(file)
    assert audio.ndim == 1 and rate == 22_050 and np.isfinite(audio).all()
    assert abs(momentary_loudness(audio, rate) + 24.0) < 0.2
    before = file.stat().st_mtime_ns
    assert write_preset_sounds(presets, out) == [file] and file.stat().st_mtime_ns == before


def test_a_folder_without_presets_is_said(tmp_path, caplog):
    assert main(["--presets", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "no .vital files" in caplog.text

import threading

import numpy as np
import pytest

from core.errors import DeviceError
from evaluation.patch_renderer import PatchRenderer
from synths.engine import Note, PatchFailure
from synths.space_files import load_space

SPACE, NOTE = load_space("vital-16"), Note(held_seconds=0.01, seconds=0.02)


class Outside:
    """A synth that can play one note at a time, and tells who plays."""

    sample_rate = 22_050

    def __init__(self, breaks_at=None):
        self.threads, self.notes, self._breaks_at = set(), [], breaks_at

    def render(self, patch, note):
        self.threads.add(threading.get_ident())
        self.notes.append(patch["volume"])
        if len(self.notes) == self._breaks_at:
            raise DeviceError("it was unplugged; plug it in again.")
        return np.full((2, 4), patch["volume"], np.float32)


def patches(n):
    vectors = np.tile(SPACE.neutral, (n, 1))
    vectors[:, SPACE.index("volume")] = np.linspace(0.0, 1.0, n)
    return list(vectors)


def test_a_synth_outside_plays_everything_in_order_and_one_at_a_time():
    outside = Outside()
    with PatchRenderer(SPACE, 22_050, workers=4, engine=outside) as renderer:
        played = [sound[0] for sound in renderer.render(patches(9), NOTE)]
    assert played == pytest.approx(np.linspace(0.0, 1.0, 9)) and outside.notes == pytest.approx(played)
    assert len(outside.threads) == 1


def test_a_synth_that_goes_away_is_told():
    with PatchRenderer(SPACE, 22_050, engine=Outside(breaks_at=3)) as renderer:
        with pytest.raises(DeviceError, match="unplugged"):
            renderer.render(patches(9), NOTE)


def test_a_patch_at_which_the_engine_fails_is_silence(caplog):
    class Failing(Outside):
        def render(self, patch, note):
            if patch["volume"] == 0.5:
                raise PatchFailure("it crashed (SIGSEGV) at this patch.")
            return super().render(patch, note)

    with PatchRenderer(SPACE, 22_050, engine=Failing()) as renderer:
        played = renderer.render(patches(3), NOTE)
    assert [sound.max() for sound in played] == [0.0, 0.0, 1.0] and len(played[1]) == round(0.02 * 22_050)
    assert "it crashed (SIGSEGV) at this patch. It counts as silent" in caplog.text

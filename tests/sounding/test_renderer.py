"""What a renderer makes of a job."""

import numpy as np
import pytest

from sounding.renderer import Renderer, Renderers, UseSpace
from sounding.voice import HELD, RenderJob
from synths.space_files import load_space
from tests.sounding.playing import SPACE, SineEngine, vector

OWN, WANTED = 44_100, 48_000


def job(n_frames, held=HELD, patch=None):
    return RenderJob(0, 0, vector() if patch is None else patch, 0, 69, 100, held, n_frames)


@pytest.mark.parametrize("held", [HELD, 6_000])
def test_a_piece_at_another_rate_is_the_same_sound(held):
    resampled = Renderer(SPACE, SineEngine(OWN), WANTED).render(job(12_000, held)).audio
    natural = Renderer(SPACE, SineEngine(WANTED)).render(job(12_000, held)).audio
    assert resampled.shape == natural.shape and resampled.dtype == np.float32
    # The engine of tests counts its attack and release in frames.
    apart = np.abs(resampled - natural)[1_000:6_000]
    assert apart.max() < 2e-3 * np.abs(natural).max()


def test_a_longer_piece_at_another_rate_goes_on_where_a_shorter_one_ended():
    renderer = Renderer(SPACE, SineEngine(OWN), WANTED)
    short, long = (renderer.render(job(n, held=30_000)).audio for n in (6_000, 12_000))
    end = 3_000  # of a piece fades
    assert np.abs(long[: 6_000 - end] - short[:-end]).max() < 1e-5


def test_vitals_engine_keeps_its_own_rate_and_the_speakers_have_theirs():
    space = load_space("vital-32")
    renderers = Renderers(WANTED)
    renderers.add(UseSpace(0, space.to_dict()))
    renderer = renderers.of(0)
    assert renderer._engine.sample_rate == OWN
    piece = renderer.render(job(WANTED // 2, held=WANTED // 4, patch=space.neutral))
    assert len(piece.audio) <= WANTED // 2 and np.abs(piece.audio).max() > 0.01
    spectrum = np.abs(np.fft.rfft(piece.audio[:12_000, 0] * np.hanning(12_000)))
    hz = np.fft.rfftfreq(12_000, 1 / WANTED)
    near = [k * 440.0 for k in range(1, 30)]
    share = sum(spectrum[np.abs(hz - f) < 12.0].sum() for f in near) / spectrum.sum()
    assert share > 0.5  # in tune

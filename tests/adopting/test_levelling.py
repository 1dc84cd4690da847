"""Dials are as loud as the preset on average of what it draws anew, and are judged by fresh draws."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from adopting.draws import Draws
from adopting.hearing import SPREADS, Heard
from adopting.maker import make
from core.space import ParameterSpace
from synths.space_files import SPACES_FOLDER

SPACE = ParameterSpace.from_yaml(SPACES_FOLDER / "vital-adopted.yaml")
HEARD = [k for k, name in enumerate(SPACE.names) if name != "volume"][:24]
ERRATIC = HEARD[0]
CENTROID = tuple(SPREADS).index("centroid")


@dataclass
class FakeEars:
    """Hears a made-up synth in which every control turns up a band of its own.

    Attributes:
        tilt_db: By how much the whole sound gets louder from end to end of any control.
        vary_db: Standard deviation of the loudness from draw to draw.
        erratic_db: That of what control `ERRATIC` adds at its ends.
        silent: Share of draws that stay silent.
        hiss: Standard deviation of the centroid from draw to draw, in spreads.
    """

    tilt_db: float = 0.0
    vary_db: float = 0.0
    erratic_db: float = 0.0
    silent: float = 0.0
    hiss: float = 0.0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def loudness(self, patch):
        """Return the loudness of a patch without what is drawn anew."""
        moved = patch[HEARD] - SPACE.neutral[HEARD]
        return SPACE["volume"].plain(float(patch[SPACE.index("volume")])) - 20.0 + self.tilt_db * moved.sum()

    def hear(self, patches):
        return [self._one(np.asarray(patch, np.float64)) for patch in patches]

    def _one(self, patch):
        mel = np.zeros((len(HEARD), 4)) + (3.0 * (patch[HEARD] - SPACE.neutral[HEARD]))[:, None] * 8.0
        traits = np.zeros(len(SPREADS))
        traits[CENTROID] = 2.0 * patch[HEARD[1]] + self.hiss * self.rng.normal()
        away = abs(patch[ERRATIC] - SPACE.neutral[ERRATIC])
        lufs = self.loudness(patch) + self.vary_db * self.rng.normal()
        lufs += self.erratic_db * away * self.rng.normal()
        return Heard((mel, mel, mel), traits, -100.0 if self.rng.random() < self.silent else lufs)


class Preset:
    name = "Made up"

    def may_be_heard(self, name):
        return SPACE.index(name) in HEARD

    def plays_out_of_tune(self, name):
        return False


def made(pinned, plain, n_draws=6):
    return make(Preset(), SPACE, pinned, plain, Draws(plain.hear([SPACE.neutral] * n_draws)))


def ranges(found, ears):
    """Return the range of loudness along each dial, without what is drawn anew."""
    from adopting.flow import own_flow
    from adopting.macros import own_macros

    flow = own_flow(SPACE, found.reach)
    macros = own_macros(found.dials, flow, SPACE.index("volume"))
    walks = [flow.decode(macro.walk(macros.resting, 7)) for macro in macros]
    return [np.ptp([ears.loudness(np.asarray(patch, np.float64)) for patch in walk]) for walk in walks]


def test_a_dial_is_level_on_the_preset_as_it_is_and_not_with_pinned_phases_alone():
    plain = FakeEars(tilt_db=-6.0, vary_db=0.1)
    found = made(FakeEars(tilt_db=6.0), plain)
    assert len(found.dials) == 8
    assert max(ranges(found, plain)) < 1.0


def test_what_is_drawn_anew_is_averaged_out():
    plain = FakeEars(tilt_db=-6.0, vary_db=1.0)
    assert np.mean(ranges(made(FakeEars(tilt_db=6.0), plain), plain)) < 1.8  # of single draws 2.7


def test_draws_that_stay_silent_do_not_turn_a_dial_up():
    plain = FakeEars(vary_db=0.1, silent=0.1)
    found = made(FakeEars(), plain)
    assert (
        np.median(ranges(found, plain)) < 4.0
    )  # by the decibels of single draws 12, the limit of the volume


def test_a_dial_that_cannot_be_level_gives_way_to_the_next():
    found = made(FakeEars(), FakeEars(erratic_db=12.0))
    assert len(found.dials) == 8
    moved = {k for each in found.dials for k in (each.dial.lead.index, *each.dial.gains)}
    assert ERRATIC not in moved


@pytest.mark.parametrize(("hiss", "named"), [(0.0, True), (1.5, False)])
def test_a_name_that_fresh_draws_do_not_bear_out_is_not_given(hiss, named):
    found = made(FakeEars(), FakeEars(hiss=hiss))
    assert ("Bright" in [each.dial.name for each in found.dials]) is named

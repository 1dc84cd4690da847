"""A path to another preset of one's own where structures allow it, and what is said where they do not."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from adopting.preset import read_own
from core.errors import BridgeError, ProtocolError
from server.handling.own_paths import OwnPaths
from server.instrument.sound_path import SoundPath
from server.osc.parser import read_message
from tests.adopting.conftest import somebodys


@pytest.fixture
def played(tmp_path):
    """What answers, and an instrument that plays an adopted preset."""
    folder = tmp_path / "presets"
    folder.mkdir()
    somebodys(folder / "Darker.vital", filter_1_cutoff=45.0)
    somebodys(
        folder / "Other Filter.vital", filter_1_model=3.0, osc_1_transpose=7.0, legato=1.0, voice_tune=0.4
    )
    somebodys(folder / "Mine.vital")  # it is what plays, so no path leads there
    (folder / "Cut.vital").write_text("{")
    own = read_own(somebodys(tmp_path / "mine.vital"))
    base = tmp_path / "base.vital"
    base.write_text(json.dumps(own.content))
    space = own.space("mine", base)
    flow = SimpleNamespace(invert=lambda patch: patch[::-1])
    instrument = SimpleNamespace(
        model=SimpleNamespace(space=space, flow=flow),
        path=SoundPath(),
        latent=space.neutral[::-1].astype(np.float64),
        current_patch=lambda: space.neutral,
        place=(0.25, 0.75),
        preset_map=SimpleNamespace(place_of=lambda latent: (0.5, 0.5)),
    )
    return OwnPaths([folder]), SimpleNamespace(instrument=instrument)


def ask(paths, track, name):
    (work,) = paths.by_address["/flow/path/own"](track, name)
    return work.land(work.work())


def test_the_path_leads_from_here_to_the_other_preset(played):
    paths, track = played
    told = [read_message(reply.datagram) for reply in ask(paths, track, "Darker")]
    points = [tuple(values) for address, values in told if address == "/flow/path/point"]
    assert points == [(0, 0.25, 0.75), (1, 0.5, 0.5)]
    path, space = track.instrument.path, track.instrument.model.space
    path.in_parameters = True
    assert len(path) == 2 and np.array_equal(path.at(0.0), space.neutral)
    changed = np.flatnonzero(np.abs(path.at(1.0) - space.neutral) > 1e-6)
    assert [space.names[k] for k in changed] == ["filter_1_cutoff"]


def test_what_is_in_the_way_is_said_with_a_preset_that_would_do(played):
    paths, track = played
    paths.names_like = lambda name: ["gone", "Cut", "Mine", "Darker"]
    with pytest.raises(ProtocolError) as error:
        ask(paths, track, "Other Filter")
    text = str(error.value)
    assert text.startswith("no path leads to 'Other Filter': ") and "and 1 more would have to change" in text
    assert text.endswith("One leads to 'Darker', which sounds like it.") and "\n" not in text
    assert len(track.instrument.path) == 0


def test_what_cannot_be_read_or_found_is_one_line(played):
    paths, track = played
    with pytest.raises(ProtocolError, match=r"Cut\.vital"):
        ask(paths, track, "Cut")
    with pytest.raises(
        ProtocolError, match="there is no preset of your own called 'Darkr'; did you mean 'Darker'"
    ):
        ask(paths, track, "Darkr")
    broken = OwnPaths(paths._folders, ("no such program",))
    with pytest.raises(BridgeError, match="cannot be read"):
        ask(broken, track, "Darker")


def test_a_model_of_ours_has_no_such_path(played):
    paths, track = played
    track.instrument.model.space = track.instrument.model.space.first(4, "ours")
    track.instrument.model.space.base = None
    with pytest.raises(ProtocolError, match="/flow/own first"):
        ask(paths, track, "Darker")

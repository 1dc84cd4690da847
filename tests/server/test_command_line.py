"""What run_server.py makes of its options."""

import pytest

import run_server
from core.errors import ConfigError


def outs(*options):
    given = run_server.parser().parse_args(list(options))
    return [(o.port, o.instrument, o.spelling, o.channel) for o in run_server._midi_outs(given)]


def test_each_port_may_have_an_instrument_a_spelling_and_a_channel():
    assert outs() == outs("--midi-channel", "3") == []
    assert outs("--midi-out", "Box", "--midi-out-as", "nrpn") == [("Box", "", "nrpn", 1)]
    two = ("--midi-out", "Box=Bass", "--midi-out", "Box=Glass pad")
    assert outs(*two, "--midi-channel", "3") == [("Box", "Bass", "cc", 3), ("Box", "Glass pad", "cc", 3)]
    assert outs(*two, "--midi-channel", "3", "--midi-channel", "4") == [
        ("Box", "Bass", "cc", 3),
        ("Box", "Glass pad", "cc", 4),
    ]
    assert outs("--midi-out", "A=B=") == [("A=B", "", "cc", 1)]  # a port with the sign in its name


def test_an_option_for_some_of_the_ports_is_refused():
    with pytest.raises(ConfigError, match="2 times, for 3 of --midi-out"):
        outs(*["--midi-out", "Box"] * 3, "--midi-channel", "3", "--midi-channel", "4")


@pytest.mark.parametrize(
    ("options", "at_once"), [([], False), (["--panel"], False), (["--panel", "--open"], True)]
)
def test_the_sound_starts_with_the_server_where_a_browser_is_opened(options, at_once):
    assert run_server._options(run_server.parser().parse_args(options)).heard_soon is at_once

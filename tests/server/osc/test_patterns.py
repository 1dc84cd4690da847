import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.osc.fitting import Sizes
from server.osc.patterns import MAX_PATTERN, is_bounded, is_pattern, matching
from server.osc.tolerance import addresses_meant

SIZES = Sizes(n_macros=12, n_latent=4, n_parameters=8)
MACROS = [f"/flow/macro/{k}" for k in range(12)]


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("/flow/macro/*", range(12)),
        ("/flow/macro/?", range(10)),
        ("/flow/macro/[0-3]", range(4)),
        ("/flow/macro/[!0-3]", range(4, 10)),
        ("/flow/macro/1[01]", (10, 11)),
        ("/flow/macro/{2,11,99}", (2, 11)),
        ("/*/macro/{1,2}", (1, 2)),
        ("/flow/m*o/*1", (1, 11)),
        ("/f?ow/macro/{,1}0", (0, 10)),
        ("/flow/macro/[-5]", (5,)),
        ("/flow/macro*", ()),  # a star does not go beyond a slash
        ("/*", ()),
        ("/flow/macro/[a-z]", ()),
    ],
)
def test_what_a_pattern_means(pattern, meant):
    assert is_pattern(pattern) and is_bounded(pattern)
    assert matching(pattern, MACROS) == [MACROS[k] for k in meant]


@pytest.mark.parametrize(
    "broken", ["/a[", "/a]", "/{a", "/a}", "/[]", "/{}", "/[/]", "/{a,{b}}", "/a,b", "/[a*]"]
)
def test_brackets_close(broken):
    assert not is_bounded(broken) and matching(broken, ["/a", "/a,b"]) == []


def test_a_pattern_has_an_end():
    assert is_bounded("/" + "a" * (MAX_PATTERN - 2) + "?") and not is_bounded(
        "/" + "a" * (MAX_PATTERN - 1) + "?"
    )
    assert is_bounded("/*a*b*c*") and not is_bounded("/*a*b*c*d*")
    assert is_bounded("/" + "?" * 8) and not is_bounded("/" + "?" * 9)


words = st.text("ab/1", min_size=1, max_size=12)


@given(st.lists(st.sampled_from(["a", "b", "1", "*", "?", "[a1]", "[!b]"]), max_size=7), words)
def test_within_a_segment_it_matches_as_files_are_matched(tokens, word):
    pattern, word = "".join(tokens), word.replace("/", "")
    if is_bounded(pattern):
        assert (matching(pattern, [word]) == [word]) == fnmatchcase(word, pattern)


@given(st.text("ab*?[]{},!-/1", max_size=MAX_PATTERN))
def test_any_pattern_is_compared_at_once(pattern):
    start = time.thread_time()
    matching(pattern, ["/" + "ab1" * 40, *MACROS])
    assert time.thread_time() - start < 0.1  # python-osc takes seconds for 24 stars


def test_patterns_reach_controls_and_freezing_and_nothing_that_costs():
    assert addresses_meant("/flow/freeze/*", SIZES) == [f"/flow/freeze/{k}" for k in range(12)]
    assert "/flow/place" in addresses_meant("/flow/*", SIZES)
    everything = {
        a for p in ("/*", "/*/*", "/*/*/*", "/flow/{names,bye,hello}") for a in addresses_meant(p, SIZES)
    }
    assert not everything & {"/flow/hello", "/flow/bye", "/flow/presets", "/flow/names", "/flow/curves"}
    assert len(everything) < 2 * SIZES.n_macros + 8

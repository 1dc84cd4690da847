import pytest

from core.store.file_names import file_stem, is_reserved


@pytest.mark.parametrize(
    ("name", "stem"), [("con", "_con"), ("NUL.x", "_NUL.x"), ("a?", "a-"), ("b.", "b"), ("Pad", "Pad")]
)
def test_file_stems_suit_every_system(name, stem):
    assert file_stem(name) == stem


@pytest.mark.parametrize("name", ["con", "CON", "Nul.wav", "com1", "LPT9.txt.bak", "aux."])
def test_windows_keeps_these_for_devices(name):
    assert is_reserved(name)


@pytest.mark.parametrize("name", ["concert", "nul-1", "com", "com10", "a.con", "", "prn2"])
def test_windows_keeps_no_others(name):
    assert not is_reserved(name)

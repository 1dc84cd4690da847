"""What presets are called."""

import os
from pathlib import Path

from library.names import names_of
from server.instrument.preset_file import can_be_named


def test_each_preset_has_a_name_of_its_own_that_can_be_asked_for():
    files = ["/p/a/Bass.vital", "/p/b/Bass.vital", "/p/c/Bass 2.vital", "/p/..vital", "/p/🎹 \x1b[2J.vital"]
    files += ["/p/" + "x" * 90 + ".vital", "/q/" + "x" * 90 + ".vital", "/p/a:b\\c.vital", "/p/ .vital"]
    files += ["/p/e\u0301.vital", os.fsdecode(b"/p/\xff.vital")]
    names = names_of(map(Path, files))
    assert len(names) == len(files) and all(map(can_be_named, names))
    assert str(names["Bass"]) == "/p/a/Bass.vital" and str(names["Bass 2"]) == "/p/b/Bass.vital"
    assert str(names["Bass 2 2"]) == "/p/c/Bass 2.vital" and "é" in names and "a-b-c" in names
    assert names_of(map(Path, reversed(files))) == names

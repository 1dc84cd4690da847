"""Holds the devices' scripts: tables, ES5, Max's types, unit tests under Node against a fake Max."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from max4live.generate_scripts import FOLDER, TABLES
from max4live.generate_scripts import main as generate
from server.osc.addresses import TO_CLIENTS, TO_SERVER

HERE = Path(__file__).parent
NODE = shutil.which("node")
SELF_TEST = {"/flow/loop"}  # a device to itself; no server hears it
EVENTS = set(  # words of the patch and of fsl_link; all others come from the network
    "start stop port dsp kind loop online offline folder reset count connection link bind info known active "
    "explore release choose rescan commit restore frame bound pick save export play beats space add "
    "clear axes color show which n mic record full written ab live mode time progress level bits assign go "
    "halt macro home hand automated acted dial mark press restored step loaded vstname vstvalue open base "
    "mpe view only again identity called sound plays alone named wants focus decode here dials "
    "vocabulary ask rename make forget remove say find alike".split()
)

needs_node = pytest.mark.skipif(
    NODE is None or not (HERE / "node_modules").is_dir(),
    reason="needs Node 18 or newer: apt-get install nodejs npm && npm ci --prefix tests/max4live/scripts",
)


def node(*arguments):
    """Run Node in this folder; return its exit code and output."""
    done = subprocess.run(
        [NODE, *arguments],
        cwd=HERE,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_the_servers_own(name):
    made = TABLES[name]()
    assert (FOLDER / name).read_text(encoding="utf-8") == made, "run: python -m max4live.generate_scripts"
    assert all(ord(c) < 128 for c in made), "an old engine may read the file in another encoding"


def test_check_says_which_is_out_of_date(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("max4live.generate_scripts.FOLDER", tmp_path)
    assert generate(["--check"]) == 1
    assert "fsl_addresses.js is out of date" in capsys.readouterr().out
    assert generate([]) == 0
    assert generate(["--check"]) == 0


def sources():
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("fsl_*.js"))}


def test_addresses_come_from_the_table_alone():
    for name, text in sources().items():
        if name == "fsl_addresses.js":
            continue
        written = set(re.findall(r'"(/flow[^"]*)"', text)) - SELF_TEST
        assert not written, f"{name} writes {written}; take it from fsl_addresses.js"
        assert text.count("TO_SERVER") == text.count("TO_SERVER;\n") == text.count("var SEND = ")


def test_the_table_holds_what_scripts_send_and_nothing_else():
    table = sources()["fsl_addresses.js"]
    held = dict(re.findall(r'^  "(\w+)": "([^"]+)",?$', table, flags=re.MULTILINE))
    sent = {word for text in sources().values() for word in re.findall(r"\bSEND\.(\w+)", text)}
    assert held == {word: f"/flow/{word.replace('_', '/')}" for word in sent}
    assert set(held.values()) <= TO_SERVER.keys()


def test_a_new_row_on_the_server_changes_no_table(new_row):
    for name, make in TABLES.items():
        assert make() == sources()[name]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "outlet(0, [SEND.preset_laod, name]);",
            "SEND.preset_laod, but .* no /flow/preset/laod",
        ),
        ("outlet(0, [SEND[word], name]);", "fsl_new.js uses SEND without a word"),
        ("tell(SEND);", "fsl_new.js uses SEND without a word"),
    ],
)
def test_a_script_cannot_send_what_the_server_does_not_know(tmp_path, monkeypatch, capsys, line, fault):
    monkeypatch.setattr("max4live.generate_scripts.FOLDER", tmp_path)
    (tmp_path / "fsl_new.js").write_text(f'var SEND = require("fsl_addresses").TO_SERVER;\n{line}\n')
    assert generate([]) == 1
    assert re.search(fault, capsys.readouterr().err)
    assert not (tmp_path / "fsl_addresses.js").exists()


def test_words_from_the_network_are_in_the_table():
    last_words = {address.rsplit("/", 1)[1] for address in TO_CLIENTS}
    for name, text in sources().items():
        handled = set(re.findall(r'^    "?([a-z]+)"?: (?:function|later|commit)', text, flags=re.MULTILINE))
        unknown = handled - EVENTS - last_words
        assert not unknown, f"{name} waits for {unknown}, which nobody sends"


def test_every_script_is_described():
    described = (FOLDER / "INTERFACES.md").read_text(encoding="utf-8")
    for name in sources():
        assert f"`{name}`" in described, name


@needs_node
def test_max_types():
    code, said = node("types.mjs")
    assert code == 0, said


@needs_node
@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.mjs")), ids=lambda path: path.name.split(".")[0])
def test_under_node(path):
    code, said = node("--test", "--test-reporter=tap", path.name)
    failed = [line for line in said.splitlines() if line.lstrip().startswith("not ok")]
    assert code == 0, "\n".join(failed) + "\n\n" + said[-6000:]
    assert re.search(r"^# pass [1-9]", said, flags=re.MULTILINE), said[-2000:]
    assert re.search(r"^# skipped 0$", said, flags=re.MULTILINE), said[-2000:]


@needs_node
def test_a_fault_is_found(tmp_path):
    """The gates can fail: a test file that fails is reported."""
    (tmp_path / "x.test.mjs").write_text('import test from "node:test"; test("x", () => { throw 1; });\n')
    code, _ = node("--test", str(tmp_path / "x.test.mjs"))
    assert code != 0

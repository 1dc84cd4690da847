"""start.sh with a stub for uv, and what the three start files have in common."""

import re
import shutil
import subprocess

import pytest

from tests.support.modules import ROOT

# Makes an "environment" whose Python writes down what it is asked to run.
UV = """#!/bin/sh
echo "uv $*" >>"$LOG"
[ ! -e "$OFFLINE" ] || exit 2
if [ "$1" = venv ]; then
    for last; do :; done
    mkdir -p "$last/bin"
    printf '#!/bin/sh\\n[ "$1" = -c ] || printf "%%s\\\\n" "$@" run >>"$LOG"\\n' >"$last/bin/python"
    chmod +x "$last/bin/python"
fi
"""
FIRST = ["uv venv", "uv pip"]
MESSAGE = re.compile(
    r"(?:say|fail|echo) \"?((?:Step|This is|That did|The page|this folder|uv did|the lines)[^\"\n]*)"
)


@pytest.fixture
def checkout(tmp_path):
    """A folder with spaces and accents that holds what the start file needs."""
    folder = tmp_path / "Müsik (neu) & mehr"
    (folder / "bin").mkdir(parents=True)
    for name in ("start.sh", "start.command", "requirements-play.txt"):
        shutil.copy(ROOT / name, folder)
    stub = folder / "bin" / "uv"
    stub.write_text(UV)
    stub.chmod(0o755)
    return folder


def start(folder, *flags, file="start.sh"):
    """Run a start file; return its exit status, what it said, and what it ran, a line for each."""
    log = folder / "log"
    log.write_text("")
    done = subprocess.run(
        [folder / file, *flags],
        env={"PATH": f"{folder}/bin:/usr/bin:/bin", "LOG": str(log), "OFFLINE": str(folder / "offline")},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    ran, words = [], []
    for line in log.read_text().splitlines():
        if line.startswith("uv "):
            ran.append(" ".join(line.split()[:2]))
        elif line == "run":
            ran.append(words)
            words = []
        else:
            words.append(line)
    return done.returncode, done.stdout, ran


SERVER = ["run_server.py", "--panel", "--open"]
DEVICES = ["-m", "max4live.user_library"]


@pytest.mark.parametrize("file", ["start.sh", "start.command"])
def test_the_first_start_installs_and_later_ones_only_start(checkout, file):
    status, said, ran = start(checkout, "--midi", "a name", file=file)
    assert (status, ran) == (0, [*FIRST, [*SERVER, "--midi", "a name"]])
    assert [f"Step {k} of 3" in said for k in (1, 2, 3)] == [False, True, True]  # uv was there
    status, said, ran = start(checkout, file=file)
    assert (status, ran) == (0, [SERVER])
    assert said.count("\n") == 1


def test_a_changed_list_or_a_moved_folder_installs_anew(checkout):
    start(checkout)
    with (checkout / "requirements-play.txt").open("a") as file:
        file.write("more\n")
    assert start(checkout)[2] == [*FIRST, SERVER]
    (checkout / ".play" / "venv" / "bin" / "python").unlink()  # leads nowhere after a move
    assert start(checkout)[2] == [*FIRST, SERVER]


def test_without_a_network_it_says_so_and_the_next_start_tries_again(checkout):
    (checkout / "offline").touch()
    status, said, ran = start(checkout)
    assert (status, ran) == (1, FIRST[:1])
    assert "Connect to the internet" in said.splitlines()[-1]
    (checkout / "offline").unlink()
    assert start(checkout)[2] == [*FIRST, SERVER]


def test_devices_are_copied_on_request_and_the_other_flags_go_on(checkout):
    assert start(checkout, "--devices", "--midi")[2] == [*FIRST, DEVICES, [*SERVER, "--midi"]]
    assert start(checkout, "--devices")[2] == [DEVICES, SERVER]


@pytest.mark.parametrize("name", ["start.sh", "start.command"])
def test_shells_can_read_them(name):
    for shell in ("sh", "bash", "dash"):
        if shutil.which(shell):
            subprocess.run([shell, "-n", ROOT / name], check=True, timeout=60)
    assert (ROOT / name).stat().st_mode & 0o111 == 0o111
    assert b"\r" not in (ROOT / name).read_bytes()


def test_the_windows_file_goes_only_where_there_is_something():
    text = (ROOT / "start.bat").read_bytes().decode("ascii")
    lines = [line.strip() for line in text.splitlines() if not line.startswith("rem")]
    labels = [line for line in lines if line.startswith(":")]
    assert len(labels) == len(set(labels))
    assert set(re.findall(r"goto (:\w+)", text)) <= set(labels)
    # A bracket that opens a block would be closed by one in the name of a folder.
    assert not [line for line in lines if line.endswith("(") or line.startswith(")")]
    assert "*.bat text eol=crlf" in (ROOT / ".gitattributes").read_text().splitlines()


def test_the_windows_file_does_and_says_the_same():
    sh, bat = ((ROOT / name).read_text() for name in ("start.sh", "start.bat"))
    for part in (
        "requirements-play.txt",
        ">=3.11,<3.13",
        "pip install --python",
        "UV_PYTHON_INSTALL_DIR",
        "UV_CACHE_DIR",
        "UV_UNMANAGED_INSTALL",
        "-m max4live.user_library --ask",
        "run_server.py --panel --open",
        "https://astral.sh/uv/install",
    ):
        assert part in sh and part in bat, part
    says = {re.sub(r"^That did not work: ", "", words) for words in MESSAGE.findall(bat)}
    differs = {words for words in says ^ set(MESSAGE.findall(sh)) if "home folder" not in words}
    assert differs <= {
        "this folder cannot be opened. Copy it onto this computer and start again.",
        "this folder cannot be written. Move it into your Documents and start again.",
        "the line above says why.",
    }

#!/bin/sh
# Start Flow Synth Live: the server, and its page in your browser. Double-click it, or run ./start.sh in a terminal.
#
# The first start fetches what is missing into the folder .play beside this file. Delete that folder, and all of it
# is gone. Later starts need no network.
#
#   ./start.sh --devices    first copies the devices into Ableton Live's User Library
#   ./start.sh FLAGS        passes the flags on to run_server.py; --help lists them
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
play=$here/.play
python=$play/venv/bin/python
wanted=$here/requirements-play.txt
installed=$play/venv/requirements-play.txt

say() { printf '%s\n' "$@"; }

wait_for_reader() {  # a double-clicked window would close before anybody has read it
    if [ -t 0 ] && [ -t 1 ]; then
        printf 'Press Enter to close this window. '
        read -r _ || :
    fi
}

fail() {
    say "" "That did not work: $1" >&2
    wait_for_reader
    exit 1
}

is_installed() {  # the interpreter is run, because a folder that was moved leaves links to nowhere
    cmp -s "$wanted" "$installed" && "$python" -c '' 2>/dev/null
}

find_uv() {
    for uv in uv "$play/uv/bin/uv" "$play/uv/uv"; do
        if command -v "$uv" >/dev/null 2>&1; then return; fi
    done
    return 1
}

# On a Mac without developer tools, python3 is only a window that offers them.
uv_from_package() {
    [ "$(uname)" != Darwin ] && command -v python3 >/dev/null 2>&1 &&
        python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$play/uv" uv 2>/dev/null
}

uv_from_its_page() {
    page=https://astral.sh/uv/install.sh
    if command -v curl >/dev/null 2>&1; then
        curl -LsSf "$page"
    else
        wget -qO- "$page"
    fi | env UV_UNMANAGED_INSTALL="$play/uv" sh >/dev/null
}

install() {
    say "This is the first start, or the program has changed. What is missing is fetched into" "$play"
    mkdir -p "$play" || fail "this folder cannot be written. Move it into your home folder and start again."
    if ! find_uv; then
        say "Step 1 of 3: fetching uv, the program that installs the rest (20 MB)."
        uv_from_package || uv_from_its_page || :
        find_uv || fail "uv did not arrive. Connect to the internet and start again, or install uv yourself."
    fi
    # Python, too, stays inside the folder. The cache is only there to go on after a broken download.
    export UV_PYTHON_INSTALL_DIR="$play/python" UV_CACHE_DIR="$play/cache"
    say "Step 2 of 3: fetching Python, if yours does not fit, and what playing needs (190 MB)."
    rm -rf "$play/venv"
    { "$uv" venv --quiet --python '>=3.11,<3.13' "$play/venv" &&
        "$uv" pip install --python "$python" --requirements "$wanted"; } ||
        fail "the lines above say why. Connect to the internet and start again; what has arrived is kept."
    rm -rf "$play/cache"
    cp "$wanted" "$installed"
}

cd "$here"
if ! is_installed; then
    install
    if [ "${1-}" != --devices ] && [ -t 0 ]; then
        "$python" -m max4live.user_library --ask || :
    fi
    say "Step 3 of 3: starting. Next time, this is the only step."
fi
if [ "${1-}" = --devices ]; then
    shift
    "$python" -m max4live.user_library || fail "the line above says why."
fi
say "The page opens in your browser. Keep this window open; Ctrl-C stops the program."
[ -t 0 ] || exec "$python" run_server.py --panel --open "$@"
trap : INT  # Ctrl-C is for the server, which says what it has saved
"$python" run_server.py --panel --open "$@" || {
    status=$?
    wait_for_reader
    exit "$status"
}

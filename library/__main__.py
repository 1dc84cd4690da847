"""Hear the presets of folders: `python -m library FOLDER... --index FILE`.

What was heard is kept as it goes, so it may be stopped at any time, and goes on where it was.
"""

import argparse
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.command import exit_status, held_interrupt, print_line
from core.errors import BridgeError, ConfigError
from synths.child_process import lower_priority

if TYPE_CHECKING:
    from library.hearing import Progress


_FIRST = 50  # presets that are heard before the map: people look for theirs at once


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m library", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="where .vital files lie")
    parser.add_argument(
        "--index", required=True, type=Path, metavar="FILE", help="what was heard; made if it is not there"
    )
    parser.add_argument(
        "--lines",
        action="store_true",
        help="print a line of JSON for each preset instead of a bar, and end when standard input does",
    )
    parser.add_argument(
        "--anchors", type=Path, metavar="FILE", help="sounds of a map to hear as well (the server writes it)"
    )
    given = parser.parse_args(arguments)
    return exit_status(lambda: _hear(given), stopped="stopped; what was heard is kept")


def _hear(given: argparse.Namespace) -> None:
    from library.anchors import hear_anchors  # after --help is answered
    from library.hearing import hear_folders

    lower_priority()
    ended = threading.Event()
    with held_interrupt() as pressed:
        if given.lines:
            threading.Thread(target=_wait_for_the_end, args=(ended,), daemon=True).start()
        tell, close = _lines() if given.lines else _bar()

        def stopping() -> bool:
            return ended.is_set() or pressed()

        try:
            if given.anchors is not None:
                hear_folders(given.folders, given.index, tell, stopping, most=_FIRST)
                try:
                    hear_anchors(given.anchors, stopping)
                except BridgeError as error:  # presets are heard all the same
                    logging.warning("%s", error)
            index = hear_folders(given.folders, given.index, tell, stopping)
        except OSError as error:
            raise ConfigError(
                f"{given.index} cannot be read or written: {error.strerror}; choose another --index."
            ) from error
        finally:
            close()
        if pressed():
            raise KeyboardInterrupt
    if not given.lines:
        silent = sum(heard.is_silent for heard in index.heard.values())
        print_line(f"{len(index.heard)} presets are known, {silent} of them silent at C4.")


def _wait_for_the_end(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1 << 10):  # not `sys.stdin`, whose lock an exit would wait for
        pass
    ended.set()


def _lines() -> tuple[Callable[["Progress"], None], Callable[[], None]]:
    def tell(progress: "Progress") -> None:
        left_out = progress.left_out
        line = {
            "done": progress.done,
            "total": progress.total,
            "name": progress.name,
            "saved": progress.saved,
        }
        if left_out is not None:
            line |= {"left_out": str(left_out.path), "reason": left_out.reason}
        print_line(json.dumps(line))

    return tell, lambda: None


def _bar() -> tuple[Callable[["Progress"], None], Callable[[], None]]:
    from tqdm import tqdm
    from tqdm.contrib.logging import logging_redirect_tqdm

    bar = tqdm(unit="preset", desc="hear")
    redirected = logging_redirect_tqdm()
    redirected.__enter__()

    def tell(progress: "Progress") -> None:
        bar.total = progress.total
        bar.update(progress.done - bar.n)
        if progress.left_out is not None:
            logging.info("%s is left out: %s", progress.left_out.path, progress.left_out.reason)

    def close() -> None:
        bar.close()
        redirected.__exit__(None, None, None)

    return tell, close


if __name__ == "__main__":
    sys.exit(main())

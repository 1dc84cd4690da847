"""Imported first by a command, so that a Python without our packages gets a sentence instead of a traceback.

It is read by Pythons that are too old for everything else, down to 3.7.
"""

import sys
from importlib.machinery import PathFinder
from pathlib import Path
from types import TracebackType
from typing import Optional, Type  # noqa: UP035  # see above

__all__ = ["explain"]

_ROOT = Path(__file__).resolve().parents[2]
_START = {"win32": "start.bat", "darwin": "./start.command"}.get(sys.platform, "./start.sh")
_STEP = (
    f"To play, run {_START}, which fetches what is missing. To program or train, install everything, best in "
    'a virtual environment: python -m pip install -e ".[panel]"'
)


def explain(
    kind: Type[BaseException],  # noqa: UP006  # see above
    error: BaseException,
    traceback: Optional[TracebackType],  # noqa: UP045  # see above
) -> None:
    """Write which package is missing and how to install it; leave every other error to Python.

    Raises:
        SystemExit: A package is missing; status 2, as after everything that a user can put right.
    """
    package = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
    if not package or PathFinder.find_spec(package, [str(_ROOT)]) is not None:  # a module of ours: our bug
        sys.__excepthook__(kind, error, traceback)
        return
    _stop(f"The package {package} is not installed for {sys.executable}.")


def _stop(what: str) -> None:
    print(what, _STEP, sep="\n", file=sys.stderr)
    raise SystemExit(2)


sys.excepthook = explain
if sys.version_info < (3, 11):  # noqa: UP036  # see above
    _stop(f"This is Python {sys.version.split()[0]} ({sys.executable}); 3.11 or newer is needed.")

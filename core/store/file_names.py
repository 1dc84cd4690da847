"""Names of files that every system can hold."""

import re

__all__ = ["file_stem", "is_reserved"]

_NOT_IN_FILES = re.compile(r'[<>"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?$", re.IGNORECASE)


def is_reserved(name: str) -> bool:
    """Return whether Windows keeps a file name, with or without an ending, for a device of its own.

    >>> is_reserved("NUL.wav"), is_reserved("nullify.wav")
    (True, False)
    """
    return _DEVICES.match(name) is not None


def file_stem(name: str) -> str:
    """Return a file name, without its ending, that every system can hold and a person can read.

    Args:
        name: Without signs of a path, which whoever asks has refused or replaced.

    >>> file_stem("What?"), file_stem("con")
    ('What-', '_con')
    """
    stem = _NOT_IN_FILES.sub("-", name).rstrip(". ") or "preset"
    return f"_{stem}" if is_reserved(stem) else stem

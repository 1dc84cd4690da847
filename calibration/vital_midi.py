"""Let each parameter of a space answer its MIDI controller in Vital.

    python -m calibration.vital_midi --dry-run     # what would change
    python -m calibration.vital_midi               # make the change; Vital has to be closed
    python -m calibration.vital_midi --undo        # take it back

Vital keeps its controllers for all projects in one file, `Vital.config`. Only the value that holds them is
written; the rest stays the same to the byte, and a copy of the file as it was before is kept beside it.

References:
    `getConfigFile` in `src/common/load_save.cpp` of Vital's sources (github.com/mtytel/vital) and JUCE's
    `PropertiesFile::Options::getDefaultFile` for the places. The public sources spell the name Vial; what
    people install is Vital, so both are looked for.
"""

import argparse
import os
import sys
from pathlib import Path

from calibration.running_programs import running_programs
from calibration.settings_file import read_settings, write_settings
from calibration.vital_map import VITAL_SPACES, apply, undo
from core.errors import BridgeError, ConfigError
from synths.space_files import load_space

__all__ = ["backup_of", "candidates", "find_config", "main"]

_BACKUP = ".before-flow"
_BUILDS = ("Vital", "Vial")
_SMALL_NAMES = (
    "vital",
    "vial",
    "live",
)  # of programs that are Vital or may host it; on macOS, Live is called so


def candidates(platform: str = sys.platform) -> list[Path]:
    """Return the files where Vital may keep its settings on this system, likeliest first."""
    home = Path.home()
    if platform == "win32":
        base = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
    elif platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        return [home / f".{name.lower()}" / f"{name}.config" for name in _BUILDS]
    return [base / name.lower() / f"{name}.config" for name in _BUILDS]


def find_config(given: Path | None = None) -> Path:
    """Return Vital's settings file.

    Raises:
        ConfigError: There is none.
    """
    places = [given] if given is not None else candidates()
    for place in places:
        if place.is_file():
            return place
    looked = " or ".join(str(place) for place in places)
    raise ConfigError(
        f"Vital keeps no settings at {looked}. Open Vital once and close it, or name the file with --config"
    )


def backup_of(path: Path) -> Path:
    """Return the file that holds the settings as they were before the first change."""
    return path.with_name(path.name + _BACKUP)


def in_the_way(programs: set[str]) -> list[str]:
    """Return those of the running programs that are Vital or may host it."""
    return sorted(p for p in programs if p.lower() in _SMALL_NAMES or p.lower().startswith("ableton live"))


def _refuse_if_running() -> None:
    programs = running_programs()
    if programs is None:
        note = "note: this system does not say which programs run; make sure that Vital is closed"
        print(note, file=sys.stderr)
        return
    found = in_the_way(programs)
    if found:
        raise ConfigError(
            f"{found[0]} is running. Vital reads its controllers when it opens, and may write its old ones "
            "back: close it first, or add --anyway."
        )


def _parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="python -m calibration.vital_midi", description="Let Vital answer the controllers of a space."
    )
    p.add_argument("--space", choices=VITAL_SPACES, default="vital-32", help="(%(default)s)")
    p.add_argument("--config", type=Path, help="Vital's settings file, if it is not in the usual place")
    p.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    p.add_argument("--undo", action="store_true", help="put the controllers back as they were")
    p.add_argument("--anyway", action="store_true", help="go ahead even while Vital or Live runs")
    return p


def _run(given: argparse.Namespace) -> None:
    path = find_config(given.config)
    backup = backup_of(path)
    change = undo(path, backup) if given.undo else apply(path, load_space(given.space))
    say = [*change.lines]
    if given.dry_run:
        say.append(f"{path} would be written; this was a dry run" if change.changed else "nothing to write")
    elif change.changed:
        if not given.anyway:
            _refuse_if_running()
        if not given.undo and not backup.exists():
            write_settings(backup, read_settings(path).text)
        write_settings(path, change.settings.text)
        say.append(f"wrote {path}")
        if not given.undo:
            say.append(f"before: {backup}; --undo takes it back. Restart Vital to use the controllers.")
    if given.undo and not given.dry_run:
        backup.unlink(missing_ok=True)
    print("\n".join(say))


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit status: 2 if a user can put right what went wrong."""
    try:
        _run(_parser().parse_args(arguments))
    except BridgeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

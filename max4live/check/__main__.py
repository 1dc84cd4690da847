"""Check devices and patchers, whoever wrote them.

python -m max4live.check FILE...
python -m max4live.check --house max4live/devices/*.amxd    our own rules as well
python -m max4live.check --survey FOLDER                    counts over a folder of other people's files
"""

import argparse
import sys
from pathlib import Path

from max4live.check.device import check_file
from max4live.check.findings import Level
from max4live.check.survey import survey


def main() -> int:
    """Check the files that the command line names; return 1 if one has faults."""
    p = argparse.ArgumentParser(description="Check Max for Live devices and Max patchers; exit 1 at a fault.")
    p.add_argument("files", nargs="*", type=Path, metavar="FILE")
    p.add_argument(
        "--house", action="store_true", help="they are ours: what our own rules say is a fault too"
    )
    p.add_argument(
        "--survey", type=Path, metavar="FOLDER", help="count what the check says of a folder's files"
    )
    given = p.parse_args()
    if bool(given.files) == bool(given.survey):
        p.error("name files, or --survey and a folder")
    if given.survey:
        print(*survey(given.survey).lines(), sep="\n")
        return 0
    grave = {Level.FAULT, Level.HOUSE} if given.house else {Level.FAULT}
    n_faults = 0
    for path in given.files:
        findings = check_file(path, house=given.house)
        faults = [finding for finding in findings if finding.level in grave]
        n_faults += len(faults)
        for finding in findings:
            print(f"{path}: {finding}")
        if not faults:
            print(f"{path}: no faults")
    return int(n_faults > 0)


if __name__ == "__main__":
    sys.exit(main())

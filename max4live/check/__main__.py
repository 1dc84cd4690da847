"""Check built devices.

python -m max4live.check max4live/devices/*.amxd
"""

import argparse
import sys
from pathlib import Path

from max4live.check.device import check_file

p = argparse.ArgumentParser(description="Check Max for Live devices; exit 1 if one has faults.")
p.add_argument("files", nargs="+", type=Path, metavar="FILE")
given = p.parse_args()
n_faults = 0
for path in given.files:
    faults = check_file(path)
    n_faults += len(faults)
    for fault in faults:
        print(f"{path}: {fault}")
    if not faults:
        print(f"{path}: no faults")
sys.exit(1 if n_faults else 0)

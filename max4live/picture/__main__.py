"""Draw the pictures of the devices.

python -m max4live.picture --out docs/images/devices

It needs Node, and `python -m pip install -e ".[figures]"` for PNG; `--svg` does without the latter.
"""

import argparse
import sys
from pathlib import Path

from core.errors import BridgeError
from max4live.picture.scenes import scenes
from max4live.picture.strip import draw

p = argparse.ArgumentParser(description="Draw the devices in their main states.")
p.add_argument("--out", type=Path, default=Path("docs/images/devices"), help="folder (%(default)s)")
p.add_argument("--svg", action="store_true", help="SVG only")
given = p.parse_args()
given.out.mkdir(parents=True, exist_ok=True)
cut = 0
try:
    for scene in scenes():
        drawing, overflows = draw(scene)
        path = given.out / f"{scene.name}.svg"
        path.write_text(drawing, encoding="utf-8", newline="\n")
        if not given.svg:
            import cairosvg

            cairosvg.svg2png(drawing.encode(), write_to=str(path.with_suffix(".png")))
        cut += len(overflows)
        for text in overflows:
            print(f"{path}: '{text}' does not fit", file=sys.stderr)
        print(path)
except BridgeError as error:
    print(f"max4live.picture: {error}", file=sys.stderr)
    sys.exit(2)
sys.exit(1 if cut else 0)

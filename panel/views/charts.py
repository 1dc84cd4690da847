"""Charts as plain SVG: a curve over a dial, and a histogram of times."""

from html import escape

import numpy as np

__all__ = ["curve_svg", "histogram_svg"]

_WIDTH, _HEIGHT, _PAD = 220, 64, 4


def curve_svg(name: str, values: tuple[float, ...], at: float | None = None) -> str:
    """Draw one curve over the dial, 0 to 1, with a mark at the dial's position.

    A flat curve lies in the middle; values beyond 0 to 1 are scaled to the height.
    """
    y = np.asarray(values, float)
    if not len(y) or not np.isfinite(y).all():
        return ""
    low, high = (0.0, 1.0) if 0.0 <= y.min() and y.max() <= 1.0 else (float(y.min()), float(y.max()))
    scaled = (y - low) / (high - low) if high > low else np.full(len(y), 0.5)
    xs = np.linspace(_PAD, _WIDTH - _PAD, len(y))
    ys = _HEIGHT - _PAD - scaled * (_HEIGHT - 2 * _PAD)
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(xs, ys, strict=True))
    bottom = _HEIGHT - _PAD
    area = f"{xs[0]:.1f},{bottom} {line} {xs[-1]:.1f},{bottom}"
    mark = ""
    if at is not None:
        k = at * (len(y) - 1)
        cx = float(np.interp(k, np.arange(len(y)), xs))
        cy = float(np.interp(k, np.arange(len(y)), ys))
        mark = (
            f'<line class="curve-at" x1="{cx:.1f}" x2="{cx:.1f}" y1="{_PAD}" y2="{bottom}"/>'
            f'<circle class="curve-dot" cx="{cx:.1f}" cy="{cy:.1f}" r="3.5"/>'
        )
    title = f"{name}: from {y[0]:.2f} to {y[-1]:.2f}"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" class="curve" role="img" aria-label="{escape(title)}">'
        f'<polygon class="curve-area" points="{area}"/><polyline class="curve-line" points="{line}"/>'
        f"{mark}</svg>"
    )


def histogram_svg(times_ms: np.ndarray, n_bars: int = 60) -> str:
    """Draw how many round trips took how long, up to a little beyond the 99th percentile."""
    if not len(times_ms):
        return ""
    width, height = 640, 150
    top = max(float(np.percentile(times_ms, 99)) * 1.25, 1e-3)
    counts, edges = np.histogram(np.minimum(times_ms, top), n_bars, (0.0, top))
    most = max(int(counts.max()), 1)
    step = width / n_bars
    bars = "".join(
        f'<rect class="bar" x="{k * step + 0.5:.1f}" y="{height - 18 - h:.1f}" '
        f'width="{step - 1:.1f}" height="{h:.1f}" rx="1.5"/>'
        for k, count in enumerate(counts)
        if (h := 112.0 * count / most) > 0
    )
    marks = ""
    for percent in (50, 99):
        at = float(np.percentile(times_ms, percent))
        x = at / top * width
        marks += (
            f'<line class="curve-at" x1="{x:.1f}" x2="{x:.1f}" y1="14" y2="{height - 18}"/>'
            f'<text class="tick" x="{x:.1f}" y="10" text-anchor="middle">p{percent}</text>'
        )
    ticks = "".join(
        f'<text class="tick" x="{f * width:.1f}" y="{height - 3}" text-anchor="{anchor}">'
        f"{f * top:.2f} ms</text>"
        for f, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
    )
    label = f"{len(times_ms)} round trips"
    return (
        f'<svg viewBox="0 0 {width} {height}" class="histogram" role="img" aria-label="{label}">'
        f"{bars}{marks}{ticks}</svg>"
    )

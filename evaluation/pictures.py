"""Pictures of a trained model: `python -m evaluation.pictures --model FOLDER --out docs/images/macros.png`.

Every tile is rendered by the real engine. With `--map FILE` the preset map is drawn as well.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from core.command import exit_status
from core.errors import ConfigError
from core.mel import MelConfig, log_mel
from evaluation.patch_renderer import PatchRenderer
from models.folder import ModelFolder, ModelPresets
from synths.catalog import SYNTHS, facts_of

__all__ = ["draw_macros", "draw_map", "main"]

_DIALS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Finer than what the model hears, so that harmonics and pulses show as lines.
_SEEN = MelConfig(n_mels=128, hop_samples=256, n_frames=320, floor=1e-8)
_DEPTH_DB = 80.0
_CURVE_POINTS = 101
_N_STRONGEST = 3

_INK, _QUIET, _RULE = "#1d1b26", "#6f6b7b", "#dedbe3"
_PAPER_TO_INK = ("#faf8f4", "#f9dfb0", "#f2a860", "#d95f56", "#8c3074", "#3d1a5e", "#140b2b")
_LINES = ("#c2453f", "#3a6ea5", "#7a8a1f")
_KIND_COLOURS = (
    *("#1f6f8b", "#e07b39", "#6b4c9a", "#3f9b5f", "#c8a415", "#8c5a3c", "#c2453f"),
    *("#4b6cb7", "#2fb5a5", "#3c3c46", "#d1589b", "#8fae3b", "#9aa0aa", "#b08bd6"),
)
_MARKERS = "os^DvP"
_FONT = {"font.family": "DejaVu Sans", "font.size": 8.0, "text.color": _INK}


def draw_macros(model: ModelFolder, out: Path, *, workers: int = 2) -> None:
    """Draw what each macro does: five sounds along the dial, and the parameters that move furthest.

    Args:
        model: The model; an engine here must be able to play its space.
        out: PNG, SVG or PDF file.
        workers: Engines that render.

    Raises:
        ConfigError: No engine plays the space, or matplotlib is missing.
    """
    plt = _pyplot()
    if facts_of(model.space).make_engine is None:
        raise ConfigError(f"no engine plays {model.space.synth}. Choose a model of {', '.join(SYNTHS)}.")
    n, note = len(model.macros), model.settings.note
    latents = [macro.turn(model.macros.resting, value) for macro in model.macros for value in _DIALS]
    patches = model.flow.decode(np.stack(latents))
    with PatchRenderer(model.space, _SEEN.sample_rate, workers) as renderer:
        sounds = renderer.render(list(patches), note)
    mels = [log_mel(sound, _SEEN) for sound in sounds]
    brightest = float(np.percentile(np.stack(mels), 99.8))
    colours = import_module("matplotlib.colors").LinearSegmentedColormap.from_list("ink", _PAPER_TO_INK)
    with plt.rc_context(_FONT):
        figure = plt.figure(figsize=(11.0, 0.75 + 0.86 * n), facecolor="white")
        top, bottom = 1.0 - 0.52 / figure.get_figheight(), 0.30 / figure.get_figheight()
        grid = figure.add_gridspec(
            n, len(_DIALS), left=0.115, right=0.695, top=top, bottom=bottom, wspace=0.035, hspace=0.13
        )
        strip = figure.add_gridspec(n, 1, left=0.715, right=0.825, top=top, bottom=bottom, hspace=0.13)
        for k in range(n):
            for j in range(len(_DIALS)):
                axes = figure.add_subplot(grid[k, j])
                axes.imshow(
                    mels[k * len(_DIALS) + j],
                    origin="lower",
                    aspect="auto",
                    cmap=colours,
                    vmin=brightest - _DEPTH_DB * np.log(10.0) / 10.0,  # mels are natural logarithms
                    vmax=brightest,
                    interpolation="bilinear",
                )
                _bare(axes)
                if k == 0:
                    _knob(axes, _DIALS[j], colours(0.62))
                if j == 0:
                    axes.text(
                        *(-0.08, 0.5, _two_lines(model.macros.names[k])),
                        transform=axes.transAxes,
                        ha="right",
                        va="center",
                        fontsize=10.5,
                        fontweight="bold",
                        linespacing=1.15,
                    )
            _strongest(figure.add_subplot(strip[k]), model, k)
        note_name = f"MIDI {note.note}, held {note.held_seconds:g} s"
        across = _SEEN.n_frames * _SEEN.hop_samples / _SEEN.sample_rate
        _caption(
            *(figure, 0.115),
            f"One note per tile, played by the synth ({note_name}): {across:.1f} s across, "
            f"{_SEEN.low_hz:.0f} Hz to {_SEEN.high_hz / 1000:.0f} kHz upwards.",
        )
        _caption(figure, 0.715, "Parameters that move furthest")
        _save(figure, plt, out)


def draw_map(presets: ModelPresets, out: Path) -> None:
    """Draw the preset map, with a colour and a marker for each kind of sound.

    Args:
        presets: The map.
        out: PNG, SVG or PDF file.

    Raises:
        ConfigError: matplotlib is missing.
    """
    plt = _pyplot()
    kinds = list(dict.fromkeys(presets.kinds))
    with plt.rc_context(_FONT):
        figure = plt.figure(figsize=(9.0, 5.6), facecolor="white")
        axes = figure.add_axes((0.015, 0.055, 0.835, 0.93))
        for n, kind in enumerate(kinds):
            places = presets.places[[k == kind for k in presets.kinds]]
            axes.scatter(
                *places.T,
                s=46,
                color=_KIND_COLOURS[n % len(_KIND_COLOURS)],
                marker=_MARKERS[n % len(_MARKERS)],
                edgecolors="white",
                linewidths=0.7,
                label=kind,
                alpha=0.92,
            )
        _bare(axes)
        axes.margins(0.04)
        axes.legend(
            loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=10, handletextpad=0.2
        )
        axes.text(
            *(0.0, -0.02, f"{len(presets)} presets; those near each other sound alike."),
            transform=axes.transAxes,
            va="top",
            color=_QUIET,
        )
        _save(figure, plt, out)


def _strongest(axes: Any, model: ModelFolder, k: int) -> None:
    """Draw the curves of the parameters that macro k moves furthest, with their names at the right."""
    dial = np.linspace(0.0, 1.0, _CURVE_POINTS)
    curves = model.flow.decode(model.macros[k].walk(model.macros.resting, _CURVE_POINTS))
    _bare(axes)
    axes.set(xlim=(0.0, 1.0), ylim=(-0.06, 1.06))
    for rank, p in enumerate(np.argsort(-np.ptp(curves, axis=0), kind="stable")[:_N_STRONGEST]):
        axes.plot(dial, curves[:, p], color=_LINES[rank], linewidth=1.6, solid_capstyle="round")
        axes.text(
            *(1.06, 0.80 - 0.30 * rank, _short(model.space[int(p)].caption)),
            transform=axes.transAxes,
            va="center",
            color=_LINES[rank],
            fontsize=7.8,
        )


def _knob(axes: Any, value: float, colour: Any) -> None:
    """Draw a dial above a tile, turned to a value: 0 at seven o'clock, 1 at five, as musicians know it."""
    angles = np.deg2rad(np.linspace(225.0, -45.0, 60))
    inset = axes.inset_axes([0.36, 1.08, 0.28, 0.52])
    inset.set(xlim=(-1.35, 1.35), ylim=(-1.35, 1.35), aspect="equal")
    inset.axis("off")
    inset.plot(np.cos(angles), np.sin(angles), color=_RULE, linewidth=2.6, solid_capstyle="round")
    turned = angles[: max(1, round(value * len(angles)))]
    inset.plot(np.cos(turned), np.sin(turned), color=colour, linewidth=2.6, solid_capstyle="round")
    at = np.deg2rad(225.0 - 270.0 * value)
    inset.plot(
        *([0.0, 0.78 * np.cos(at)], [0.0, 0.78 * np.sin(at)]),
        color=_INK,
        linewidth=1.8,
        solid_capstyle="round",
    )
    inset.text(1.75, 0.0, f"{value:g}", va="center", color=_QUIET, fontsize=9.0, clip_on=False)


def _bare(axes: Any) -> None:
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=_RULE, linewidth=0.8)


def _caption(figure: Any, x: float, text: str) -> None:
    figure.text(x, 0.12 / figure.get_figheight(), text, color=_QUIET, va="center")


def _two_lines(name: str) -> str:
    return name.replace(" ", "\n", 1)


def _short(caption: str) -> str:
    for long, short in (("Oscillator", "Osc"), ("Envelope", "Env"), (" Amount", ""), ("Frequency", "Freq")):
        caption = caption.replace(long, short)
    return caption


def _pyplot() -> Any:
    try:
        import_module("matplotlib").use("agg")  # a file, never a window
        return import_module("matplotlib.pyplot")
    except ImportError:
        raise ConfigError('pictures need matplotlib: python -m pip install -e ".[figures]"') from None


def _save(figure: Any, plt: Any, out: Path) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(out, dpi=140)
        if out.suffix == ".png":
            picture = import_module("PIL.Image").open(out).convert("RGB")
            picture.quantize(255).save(out, optimize=True)  # less than half the size, and looks the same
    except (OSError, ValueError) as error:
        raise ConfigError(f"{out} cannot be written: {error}") from error
    finally:
        plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description="Draw what a trained model does.")
    parser.add_argument("--model", type=Path, required=True, help="model folder, models/pretrained/NAME")
    parser.add_argument("--out", type=Path, help="picture of the macros, such as docs/images/macros.png")
    parser.add_argument("--map", type=Path, help="picture of the preset map, such as docs/images/map.png")
    parser.add_argument(
        "--workers", type=int, default=2, help="engines that render in parallel (%(default)s)"
    )
    args = parser.parse_args(arguments)
    if not args.out and not args.map:
        parser.error("choose a picture: --out FILE, --map FILE, or both")
    return exit_status(partial(_draw, args))


def _draw(args: argparse.Namespace) -> None:
    model = ModelFolder.load(args.model)
    if args.out:
        draw_macros(model, args.out, workers=args.workers)
    if args.map:
        draw_map(model.presets, args.map)


if __name__ == "__main__":
    sys.exit(main())

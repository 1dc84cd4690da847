"""The card of an adopted preset's folder, for people."""

from pathlib import Path

from adopting.maker import Made
from adopting.preset import OwnPreset
from core.atomic_file import write_atomically
from core.space import ParameterSpace

__all__ = ["write_card"]


def write_card(out: Path, own: OwnPreset, space: ParameterSpace, made: Made, repeats: float) -> None:
    """Write what was found out about a preset.

    Args:
        out: The folder.
        own: The preset.
        space: Its controls.
        made: Its dials.
        repeats: Soft MSS between two renders of it, dB.
    """
    lines = [f"# {own.name}", ""]
    lines += [f"By {own.author}.", ""] if own.author else []
    lines += [
        "Adopted from a `.vital` file, which is kept here as `base.vital`.",
        f"Two renders of it differ by {repeats:.1f} dB (soft MSS).",
        f"{len(made.reach)} of the {len(space)} controls that may move are heard.",
        "",
    ]
    if outside := own.outside(space):
        lines += [f"No dial reaches {', '.join(outside)}.", ""]
    if made.figures:
        lines += [
            "Each dial in seven steps from end to end, heard once more after it was made:",
            "",
            "| dial | moves | change, dB | unevenness | loudness range, dB | rho of its name |",
            "| --- | --- | --: | --: | --: | --: |",
        ]
    for each, found in zip(made.dials, made.figures, strict=False):
        moved = [each.dial.lead.index, *each.dial.gains]
        rho = f"{found.rho:.2f}" if each.dial.meaning is not None else "-"
        lines.append(
            f"| {each.dial.name} | {', '.join(space[k].caption for k in moved)} | {found.change_db:.1f} "
            f"| {found.unevenness:.2f} | {found.loudness_db:.1f} | {rho} |"
        )
    write_atomically(out / "MODEL_CARD.md", "\n".join(lines) + "\n")

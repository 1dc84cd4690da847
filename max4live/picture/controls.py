"""Draw each control much as Live does, close enough to judge sizes and wording."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from max4live.builder.parameter import Kind, Unit
from max4live.builder.rect import Rect
from max4live.designs.parts.looks import LINE_PX
from max4live.picture.scene import Scene
from max4live.picture.svg import Sheet, Theme, wrapped

__all__ = ["CONTROLS", "shown_value"]

_ICONS = Path(__file__).parents[1] / "js" / "icons"
_ICON_PX = 12
_ICON_INK = "#141414"  # which Max replaces by the colour of the theme

Json = Mapping[str, Any]
_START, _SWEEP = 0.75 * math.pi, 1.5 * math.pi
_UNITS = {
    Unit.TIME_MS: " ms",
    Unit.HERTZ: " Hz",
    Unit.DECIBEL: " dB",
    Unit.PERCENT: " %",
    Unit.SEMITONE: " st",
}
_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def _parameter(box: Json) -> dict[str, Any]:
    return dict((box.get("saved_attribute_attributes") or {}).get("valueof") or {})


def _value(box: Json, scene: Scene) -> float:
    initial = _parameter(box).get("parameter_initial", [0.0])[0]
    return float(scene.values.get(str(box.get("varname")), initial))


def shown_value(values: Json, value: float) -> str:
    """Return a value as Live writes it."""
    if values.get("parameter_type") == Kind.ENUM:
        return str(values["parameter_enum"][int(value)])
    unit = values.get("parameter_unitstyle")
    if unit == Unit.CUSTOM:
        text = str(values["parameter_units"])
        return text % (int(value) if "%d" in text else value)
    if unit == Unit.MIDI_NOTE:
        return f"{_NOTES[int(value) % 12]}{int(value) // 12 - 2}"
    if unit == Unit.TIME_MS and value >= 1000:
        return f"{value / 1000:.2f} s"
    number = f"{value:.0f}" if unit in (Unit.INT, Unit.PERCENT, Unit.TIME_MS) else f"{value:.2f}"
    return number + _UNITS.get(Unit(int(unit or 0)), "")


def _dial(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    values, value = _parameter(box), _value(box, scene)
    low, high = values["parameter_mmin"], values["parameter_mmax"]
    name = scene.text_of(box, str(values["parameter_shortname"]))
    sheet.text(Rect(at.x, at.y, at.width, 12), name)
    x, y, radius = at.x + at.width / 2, at.y + 25.0, 9.5
    angle = _START + _SWEEP * (value - low) / (high - low)
    sheet.arc((x, y), radius, _START, _START + _SWEEP, sheet.theme.frame)
    if value > low:
        sheet.arc((x, y), radius, _START, angle, sheet.theme.accent)
    sheet.line(x, y, x + radius * math.cos(angle), y + radius * math.sin(angle), sheet.theme.text)
    sheet.text(Rect(at.x, at.bottom - 12, at.width, 12), shown_value(values, value))


def _button(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    on = box.get("mode") == 1 and _value(box, scene) > 0
    theme, lit = sheet.theme, on and "activebgoncolor" not in box["saved_attribute_attributes"]
    sheet.rect(at, theme.accent if lit else theme.control, theme.frame, 2)
    if box.get("usepicture"):
        icon = (_ICONS / box["pictures"][on]).read_text(encoding="utf-8").replace(_ICON_INK, _ink(theme, lit))
        left, top = at.x + (at.width - _ICON_PX) // 2, at.y + (at.height - _ICON_PX) // 2
        sheet.inlay(Rect(left, top, _ICON_PX, _ICON_PX), icon)
        return
    text = scene.text_of(box, str(box["texton"] if on else box["text"]))
    sheet.text(Rect(at.x + 2, at.y, at.width - 4, at.height), text, fill=_ink(theme, lit))


def _ink(theme: Theme, on: bool) -> str:
    return theme.on_accent if on else theme.text


def _tabs(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    items, theme = _parameter(box)["parameter_enum"], sheet.theme
    for k, (item, tab) in enumerate(zip(items, at.columns(len(items), 1), strict=True)):
        on = k == int(_value(box, scene))
        sheet.rect(tab, theme.accent if on else theme.control, theme.frame, 1)
        sheet.text(tab, item, fill=theme.on_accent if on else theme.text)


def _menu(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    items = [item for item in box.get("items", []) if item != ","]
    values = _parameter(box)
    shown = shown_value(values, _value(box, scene)) if values else (items[0] if items else "")
    sheet.rect(at, sheet.theme.control, sheet.theme.frame, 1)
    sheet.text(Rect(at.x + 5, at.y, at.width - 18, at.height), scene.text_of(box, shown), align="start")
    x, y = at.right - 9.0, at.y + at.height / 2
    sheet.line(x - 3, y - 1.5, x, y + 1.5, sheet.theme.text, 1.2)
    sheet.line(x + 3, y - 1.5, x, y + 1.5, sheet.theme.text, 1.2)


def _number(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    sheet.rect(at, sheet.theme.control, sheet.theme.frame, 1)
    sheet.text(at, shown_value(_parameter(box), _value(box, scene)))


def _field(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    sheet.rect(at, sheet.theme.screen, sheet.theme.frame)
    lines = scene.text_of(box, str(box.get("text", ""))).split("\n")
    for k, line in enumerate(lines):
        row = Rect(at.x + 5, at.y + 14 * k, at.width - 10, 16)
        sheet.text(row, line, fill=sheet.theme.screen_text, align="start")


def _comment(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    align = "end" if box.get("textjustification") == 2 else "start"
    lines = wrapped(scene.text_of(box, str(box.get("text", ""))), at.width - 6)
    room = max(1, (at.height - 6) // LINE_PX)
    for k, line in enumerate((*lines[: room - 1], " ".join(lines[room - 1 :]))):
        sheet.text(Rect(at.x + 3, at.y + LINE_PX * k, at.width - 6, 18), line, align=align)


def _line(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    del box, scene
    upright = at.height > at.width
    sheet.rect(Rect(at.x, at.y, 1 if upright else at.width, at.height if upright else 1), sheet.theme.frame)


def _lamp(sheet: Sheet, at: Rect, box: Json, scene: Scene) -> None:
    del box
    sheet.circle(at.x + at.width / 2, at.y + at.height / 2, at.width / 2, scene.lamp)


CONTROLS: dict[str, Callable[[Sheet, Rect, Json, Scene], None]] = {
    "comment": _comment,
    "live.dial": _dial,
    "live.line": _line,
    "live.menu": _menu,
    "live.numbox": _number,
    "live.tab": _tabs,
    "live.text": _button,
    "panel": _lamp,
    "textedit": _field,
    "umenu": _menu,
}

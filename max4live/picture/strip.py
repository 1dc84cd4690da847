"""A device's strip with Live's title bar, drawn from its patcher."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from max4live.builder.device import Device
from max4live.builder.rect import HEIGHT_PX, Rect
from max4live.picture.controls import CONTROLS
from max4live.picture.paint import paint
from max4live.picture.scene import Scene
from max4live.picture.svg import THEMES, Sheet

__all__ = ["draw"]

_TITLE_PX = 20


def draw(scene: Scene, scripts: bool = True) -> tuple[str, list[str]]:
    """Draw a device in a state.

    Args:
        scene: The device and its state.
        scripts: Whether scripts paint their parts, which takes a Node process for each.

    Returns:
        The SVG, and the texts that do not fit.
    """
    device, patcher = _built(scene.device)
    sheet = Sheet(THEMES[scene.theme])
    width, height = scene.width(), HEIGHT_PX + _TITLE_PX
    sheet.rect(Rect(0, 0, width, height), sheet.theme.surface, sheet.theme.frame, 3)
    sheet.rect(Rect(0, 0, width, _TITLE_PX), sheet.theme.title, sheet.theme.frame, 3)
    sheet.circle(12, _TITLE_PX / 2, 5, sheet.theme.accent)
    sheet.text(Rect(24, 0, width - 30, _TITLE_PX), device.name, size=11, align="start")
    boxes = {box.id: box for box in device.patcher.boxes}
    shown = [entry["box"] for entry in patcher["boxes"] if entry["box"].get("presentation") == 1]
    for box in sorted(shown, key=lambda box: not box.get("background")):
        page, not_on = boxes[box["id"]].page, boxes[box["id"]].not_on
        revealed = scene.revealed.get(str(box.get("varname")), not box.get("hidden"))
        if not_on in (scene.page, scene.view):
            continue
        if page not in (None, scene.page, scene.view) or (page is None and not revealed):
            continue
        x, y, w, h = (int(v) for v in box["presentation_rect"])
        if x >= width or (scene.folded and x + w > width and box["maxclass"] == "live.line"):
            continue
        if scripts or box["maxclass"] != "jsui":
            _draw_box(sheet, Rect(x, y + _TITLE_PX, w, h), box, scene)
    return sheet.document(width, height), sheet.overflows


@lru_cache
def _built(make: Callable[[], Device]) -> tuple[Device, dict[str, Any]]:
    device = make()
    return device, dict(json.loads(device.text())["patcher"])


def _draw_box(sheet: Sheet, at: Rect, box: Mapping[str, Any], scene: Scene) -> None:
    if box["maxclass"] == "jsui":
        name = str(box["varname"])
        told, mouse = scene.told.get(name, ()), scene.mouse.get(name, ())
        sheet.inlay(at, paint(str(box["filename"]), (at.width, at.height), told, mouse))
    else:
        CONTROLS[str(box["maxclass"])](sheet, at, box, scene)

"""Keys that Max or Live reads: a file written without Max lacks them silently."""

from max4live.check.tree import Json, boxes_of, dictionary, label_of, levels_of, name_of, script_of

__all__ = ["check_keys"]

_OF_EACH_PATCHER = ("description", "digest", "tags")  # in all files that Max 8 saved
# Frames come about 15 ms apart: a ramp that ends before the next one is a staircase.
_SMOOTHING_MS = (15, 20)


def check_keys(patcher: Json, kind: str) -> list[str]:
    """Return the faults of keys that change how Live treats or shows a device of this kind."""
    faults = [
        f"patcher '{path}' has no {key}"
        for path, level in levels_of(patcher)
        for key in _OF_EACH_PATCHER
        if key not in level
    ]
    if kind == "midi" and patcher.get("is_mpe") != 1:
        faults.append("is_mpe is not 1: bends and pressure of single notes end at this device")
    return faults + [
        f"{path}: '{label_of(box)}' {fault}" for path, box in boxes_of(patcher) for fault in _check(box)
    ]


def _check(box: Json) -> list[str]:
    faults, maxclass = [], box.get("maxclass")
    if maxclass == "jsui" and box.get("border") != 0:
        faults.append("has a border around its picture: set border to 0")
    if maxclass == "live.tab" and box.get("livemode") != 1:
        faults.append("is not drawn as Live draws tabs: set livemode to 1")
    if box.get("hint") and box.get("annotation"):
        faults.append("shows the text of the Info View a second time, as a hint")
    if name_of(box) == "node.script" and dictionary(box, "textfile").get("filename") != script_of(box):
        faults.append("has no textfile that names its script")
    if name_of(box) == "live.remote~":
        smoothing = dictionary(box, "saved_object_attributes").get("smoothing")
        low, high = _SMOOTHING_MS
        if not isinstance(smoothing, int | float) or not low <= smoothing <= high:
            faults.append(f"ramps for {smoothing} ms, so values arrive in steps: set {low} to {high}")
    values = dictionary(box, "saved_attribute_attributes", "valueof")
    if values:
        linked = values.get("parameter_linknames")
        if linked is None:
            faults.append("does not say whether its scripting name is linked")
        elif linked and box.get("varname") != values.get("parameter_longname"):
            faults.append("is linked: Max would rename its box to its long name")
    return faults

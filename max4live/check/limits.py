"""Live parameters as Live cannot keep them, whoever wrote the device."""

from collections import Counter

from max4live.check.findings import Finding, Level
from max4live.check.tree import Json, boxes_of, dictionary

__all__ = ["check_limits"]

_TYPES = range(5)  # float, int, enum, blob, and the file of a live.drop


def check_limits(patcher: Json) -> list[Finding]:
    """Return the parameters of a type that does not exist, and those that share a long name."""
    findings, names = [], Counter[str]()
    for path, box in boxes_of(patcher):
        values = dictionary(box, "saved_attribute_attributes", "valueof")
        objects = dictionary(box, "saved_object_attributes")
        if not values or not (box.get("parameter_enable") or objects.get("parameter_enable")):
            continue
        name, kind = str(values.get("parameter_longname")), values.get("parameter_type", 0)
        names[name] += "#" not in name  # an abstraction's argument makes it another one each time
        if kind not in _TYPES:
            text = f"'{name}' is of type {kind}, and Live has {_TYPES[0]} to {_TYPES[-1]}"
            findings.append(Finding(Level.FAULT, "parameter type", path, text))
    findings += [
        Finding(
            Level.FAULT, "parameter name", "", f"{n} parameters are called '{name}': Live renames all but one"
        )
        for name, n in names.items()
        if n > 1
    ]
    return findings

"""Live parameters: unique names, ranges that Live can hold, banks that name existing parameters."""

from max4live.builder.parameter import Kind, Unit, Visibility
from max4live.check.tree import Json, boxes_of, dictionary

__all__ = ["check_parameters"]

_BANK_SIZE = 8


def check_parameters(patcher: Json) -> list[str]:
    """Return the faults of a device's parameters and Push banks."""
    faults: list[str] = []
    registry = dictionary(patcher, "parameters")
    names: dict[str, int] = {}
    for path, box in boxes_of(patcher):
        enabled = box.get("parameter_enable") or dictionary(box, "saved_object_attributes").get(
            "parameter_enable"
        )
        maxclass = str(box.get("maxclass"))
        drawn = maxclass.startswith("live.") and maxclass not in ("live.comment", "live.line")
        if not enabled:
            if drawn:
                faults.append(f"{path}: a {maxclass} that is not a Live parameter")
            continue
        values = dictionary(box, "saved_attribute_attributes", "valueof")
        name = str(values.get("parameter_longname") or "")
        names[name] = int(values.get("parameter_invisible", 0))
        if not name or not values.get("parameter_shortname"):
            faults.append(f"{path}: a parameter without a long and a short name")
        if registry.get(path, [None])[0] != name:
            faults.append(f"{path}: the registry calls '{name}' {registry.get(path)}")
        faults += [f"'{name}': {fault}" for fault in _check_values(values)]
        if maxclass == "live.text" and box.get("mode") == 0 and names[name] == Visibility.AUTOMATED:
            faults.append(f"'{name}': a button is hidden from automation")
    paths = [path for path, value in registry.items() if path.startswith("obj-")]
    listed = [registry[path][0] for path in paths]
    faults += [
        f"two parameters are called '{name}'" for name in sorted(set(listed)) if listed.count(name) > 1
    ]
    known = {path for path, _ in boxes_of(patcher)}
    faults += [f"the registry names {path}, which does not exist" for path in paths if path not in known]
    return faults + _check_banks(registry, names)


def _check_values(values: Json) -> list[str]:
    kind, faults = values.get("parameter_type", 0), []
    if kind == Kind.BLOB:
        return []
    if kind not in (Kind.FLOAT, Kind.INT, Kind.ENUM):
        return [f"Live has no kind {kind}"]
    choices = values.get("parameter_enum") or []
    low, high = values.get("parameter_mmin", 0.0), values.get("parameter_mmax", 127.0)
    if kind == Kind.ENUM and (len(choices) < 2 or high != len(choices) - 1):
        faults.append(f"{len(choices)} choices, but the highest value is {high}")
    if not low < high:
        faults.append(f"the range {low} to {high} is empty")
    if kind == Kind.INT and not (low >= 0 and high <= 255):
        faults.append(f"Live cannot hold {low} to {high} as integers")
    initial = (values.get("parameter_initial") or [None])[0]
    if initial is None or not low <= initial <= high or values.get("parameter_initial_enable") != 1:
        faults.append(f"the initial value {initial} is missing, outside {low} to {high}, or not enabled")
    if kind != Kind.ENUM and values.get("parameter_unitstyle") not in list(Unit):
        faults.append("no unit: Live would show it as a whole number")
    if (values.get("parameter_unitstyle") == Unit.CUSTOM) != bool(values.get("parameter_units")):
        faults.append("the custom unit has no text")
    if values.get("parameter_invisible") not in list(Visibility):
        faults.append("it is neither automated nor stored nor hidden")
    return faults


def _check_banks(registry: Json, names: dict[str, int]) -> list[str]:
    faults = []
    for bank in (registry.get("parameterbanks") or {}).values():
        entries = bank.get("parameters", [])
        if len(entries) != _BANK_SIZE:
            faults.append(
                f"bank '{bank.get('name')}' has {len(entries)} entries, but Push has {_BANK_SIZE} encoders"
            )
        faults += [
            f"bank '{bank.get('name')}' names '{entry}', which cannot be automated"
            for entry in entries
            if entry != "-" and names.get(entry) != Visibility.AUTOMATED
        ]
    return faults

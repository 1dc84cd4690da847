"""A Live Set as the scripts see it: one track, a plug-in, our device."""

from itertools import count
from typing import Any

NAMES = [f"Parameter {k}" for k in range(32)]  # as the tiny model's labels


def track(names: list[str], plugin: str = "Vital", class_name: str = "PluginDevice") -> dict[str, Any]:
    """Return the tree of a track with a plug-in that shows these parameters, and our device behind it."""
    ids = count(10)

    def node(type_: str, props: dict[str, Any], **lists: list[Any]) -> dict[str, Any]:
        return {"id": next(ids), "type": type_, "props": props, "lists": lists}

    shown = [
        node("DeviceParameter", {"name": name, "original_name": name, "min": 0, "max": 1, "value": 0.5})
        for name in ["Device On", *names]
    ]
    synth = node("PluginDevice", {"name": plugin, "class_name": class_name}, parameters=shown)
    dials = [
        node("DeviceParameter", {"name": name, "min": 0, "max": 100, "value": 50})
        for name in ["Device On", *(f"Macro {k}" for k in range(1, 9))]
    ]
    ours = node("MaxDevice", {"name": "Flow Synth", "class_name": "MxDeviceAudioEffect"}, parameters=dials)
    devices = [synth, ours] if plugin else [ours]
    home = node("Track", {"name": "1-Vital"}, devices=devices)
    song = {"id": 1, "type": "Song", "props": {}, "lists": {"tracks": [home]}}
    return {"this_device": ours["id"], "root": song}


def id_of_dial(tree: dict[str, Any], k: int) -> int:
    """Return the id of our own dial k, counted from 1."""
    ours = tree["root"]["lists"]["tracks"][0]["lists"]["devices"][-1]
    return ours["lists"]["parameters"][k]["id"]


def ids_of(tree: dict[str, Any]) -> dict[str, int]:
    """Return the id of each parameter of the plug-in, by name."""
    synth = tree["root"]["lists"]["tracks"][0]["lists"]["devices"][0]
    return {item["props"]["name"]: item["id"] for item in synth["lists"]["parameters"]}

"""Checkpoints of a run on disk: safetensors and YAML, never a pickle."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from core.atomic_file import write_atomically
from core.errors import CheckpointError

__all__ = ["load_weights", "read_counters", "resume_run", "save_run", "save_weights", "shrink_run"]


def save_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Write a module's weights, its `state_dict`, completely or not at all."""
    _write(path, save({k: v.contiguous() for k, v in weights.items()}))


def load_weights(path: Path, module: nn.Module) -> None:
    """Read weights that `save_weights` wrote.

    Raises:
        CheckpointError: The file is missing, damaged or from another model.
    """
    try:
        module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise CheckpointError(f"{path} does not fit: {str(error)[:300]} Delete it to start over.") from error


def save_run(
    path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, counters: dict[str, Any]
) -> None:
    """Write everything needed to resume a run: weights, optimizer moments, random state, counters."""
    tensors: dict[str, Tensor] = {f"model.{k}": v for k, v in module.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        for key, value in state.items():
            tensors[f"optimizer.{index}.{key}"] = torch.as_tensor(value)
    tensors["random"] = torch.get_rng_state()
    data = save({k: v.contiguous() for k, v in tensors.items()}, {"counters": yaml.safe_dump(counters)})
    _write(path, data)


def resume_run(path: Path, module: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Restore what `save_run` wrote, and return the counters.

    Raises:
        CheckpointError: The file is damaged or from another model.
    """
    try:
        tensors = load_file(path)
        with safe_open(str(path), framework="pt") as file:
            counters: dict[str, Any] = yaml.safe_load(file.metadata()["counters"])
        module.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
        saved = optimizer.state_dict()
        saved["state"] = {}
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".")
                saved["state"].setdefault(int(index), {})[key] = value
        optimizer.load_state_dict(saved)
        torch.set_rng_state(tensors["random"])
    except (OSError, SafetensorError, RuntimeError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path} does not fit: {str(error)[:300]} Delete it to start over.") from error
    return counters


def read_counters(path: Path) -> dict[str, Any]:
    """Read only the counters that `save_run` wrote.

    Raises:
        CheckpointError: The file is damaged.
    """
    try:
        with safe_open(str(path), framework="pt") as file:
            counters: dict[str, Any] = yaml.safe_load(file.metadata()["counters"])
    except (OSError, SafetensorError, KeyError, TypeError, yaml.YAMLError) as error:
        raise CheckpointError(f"{path} does not fit: {str(error)[:300]} Delete it to start over.") from error
    return counters


def shrink_run(path: Path) -> None:
    """Keep only the counters: a finished run is never resumed, and the rest is three times its weights."""
    counters = read_counters(path)
    _write(path, save({"random": torch.get_rng_state()}, {"counters": yaml.safe_dump(counters)}))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, data)

"""Several processes that train one model together: `torchrun --nproc-per-node 2 train.py CONFIG.yaml ...`.

torchrun starts the processes, on one machine or on many, and tells each its rank through the environment.
Without it there is one worker, and none of this is used. Every worker reads the whole dataset and takes its
share of each batch, so `batch` means the same for any number of workers.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from core.errors import ConfigError

__all__ = ["ALONE", "Workers", "joined_workers"]


@dataclass(frozen=True)
class Workers:
    """The processes that train together.

    Attributes:
        rank: Number of this one; 0 writes the checkpoints and logs.
        count: How many there are.
        device: What this one computes on.
    """

    rank: int = 0
    count: int = 1
    device: torch.device = torch.device("cpu")

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and logs."""
        return self.rank == 0

    def together(self, module: nn.Module) -> nn.Module:
        """Wrap a module so that gradients are averaged over the workers."""
        return DistributedDataParallel(module) if self.count > 1 else module

    def agree(self, *values: float) -> tuple[float, ...]:
        """Return the first worker's numbers to every worker."""
        if self.count == 1:
            return values
        shared = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.broadcast(shared, src=0)
        return tuple(shared.tolist())

    def wait(self) -> None:
        """Wait until every worker is here."""
        if self.count > 1:
            distributed.barrier()


ALONE = Workers()


@contextmanager
def joined_workers(on: str | None = None) -> Iterator[Workers]:
    """Join the other workers if torchrun started this process, and leave them at the end.

    Args:
        on: What to compute on, `cpu` or `cuda`; by default a card where there is one.

    Raises:
        ConfigError: There is no such device.
    """
    if on not in (None, "cpu", "cuda"):
        raise ConfigError(f"there is no device '{on}'; write cpu or cuda.")
    if on == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            "PyTorch finds no NVIDIA card here. Leave out --device cuda, or install its CUDA build."
        )
    cuda = on != "cpu" and torch.cuda.is_available()
    if "WORLD_SIZE" not in os.environ:
        yield Workers(device=torch.device("cuda" if cuda else "cpu"))
        return
    device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield Workers(distributed.get_rank(), distributed.get_world_size(), device)
    finally:
        distributed.destroy_process_group()

"""Batches of training data on the device that computes."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

__all__ = ["Batches", "Columns"]

# What batches are made of, each `(N, ...)`: patches, mels, and whatever else the phase's losses take.
Columns = Sequence[np.ndarray]

_MOST_OF_A_CARD = 0.5  # of its free memory: the rest is for the networks


class Batches:
    """Rows of columns as float32 tensors on a device.

    On a card, columns are copied there once if they fit into half of its free memory: 250,000 mels of the
    default size are 2.6 GB. Longer ones are gathered into pinned memory, and copied while the card computes.

    Args:
        columns: Training data; they stay as they are, in float16 or float32.
        device: What computes.
    """

    def __init__(self, columns: Columns, device: torch.device) -> None:
        self._columns = [torch.from_numpy(column) for column in columns]
        self._device, self._pinned = device, False
        if device.type == "cuda":
            size = sum(column.nbytes for column in columns)
            fits = size <= _MOST_OF_A_CARD * torch.cuda.mem_get_info(device)[0]
            self._pinned = not fits
            if fits:
                self._columns = [column.to(device) for column in self._columns]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._columns[0])

    def rows(self, order: np.ndarray, batch: int) -> Iterator[tuple[Tensor, ...]]:
        """Yield the rows in an order, `batch` at a time; the last may be fewer."""
        if not len(order):  # as after Ctrl-C in the last batch of a turn: torch splits nothing into one part
            return
        places = torch.from_numpy(order).to(self._columns[0].device)
        for chosen in places.split(batch):
            yield tuple(self._gathered(column, chosen) for column in self._columns)

    def _gathered(self, column: Tensor, rows: Tensor) -> Tensor:
        gathered = column[rows]
        if self._pinned:
            gathered = gathered.pin_memory()
        return gathered.to(self._device, non_blocking=self._pinned).float()

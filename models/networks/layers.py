"""Layers that encoder and proxy are built from."""

from torch import Tensor, nn

__all__ = ["ResidualBlock"]


class ResidualBlock(nn.Module):
    """x + W1 gelu(W0 norm(x)): a residual dense block with dropout in between.

    Args:
        width: Size of x.
        dropout: Probability that an inner unit is dropped in training.
    """

    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., width)` to the same shape."""
        return x + self.layers(x)

"""The initial weights of the paper's models."""

from torch import nn

__all__ = ["xavier_"]


def xavier_(module: nn.Module) -> None:
    """Set every dense and convolution layer to Xavier's uniform weights and a bias of zero, in place.

    References:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
        AISTATS 2010.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)

"""The paper's networks: dense and convolution stacks, and their mirror image for decoders.

References:
    Esling et al., "Universal audio synthesizer control with normalizing flows", DAFx 2019, and its page
    "Models details": kernel 7, stride 2, dilation 2^l, batch normalization, ELU.
"""

from torch import Tensor, nn

__all__ = ["ConvolutionDecoder", "ConvolutionEncoder", "dense_stack"]


def dense_stack(n_in: int, width: int, n_layers: int, dropout: float) -> nn.Sequential:
    """Return dense layers with batch normalization, ELU and dropout, `(batch, n_in)` to `(batch, width)`."""
    layers: list[nn.Module] = []
    for k in range(n_layers):
        layers += [nn.Linear(width if k else n_in, width), nn.BatchNorm1d(width), nn.ELU()]
        layers += [nn.Dropout(dropout)]
    return nn.Sequential(*layers)


class _StridedConvolution(nn.Module):
    """Strided dilated convolution, batch normalization, ELU; with `residual`, plus a learned 1 x 1 path."""

    def __init__(self, n_in: int, n_out: int, kernel: int, dilation: int, residual: bool) -> None:
        super().__init__()
        padding = dilation * (kernel // 2)
        self.path = nn.Sequential(
            nn.Conv2d(n_in, n_out, kernel, stride=2, dilation=dilation, padding=padding),
            nn.BatchNorm2d(n_out),
            nn.ELU(),
        )
        self.short = nn.Conv2d(n_in, n_out, 1, stride=2) if residual else None

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.path(x)
        return y if self.short is None else y + self.short(x)


class ConvolutionEncoder(nn.Module):
    """Mels `(batch, n_mels, n_frames)` to features `(batch, n_features)`: each layer halves both sides.

    Args:
        mel_shape: `(n_mels, n_frames)`.
        channels: Channels of every layer.
        n_layers: Number of layers.
        kernel: Side of the kernels, odd.
        residual: Whether each layer has a learned 1 x 1 path beside it.
    """

    def __init__(
        self, mel_shape: tuple[int, int], channels: int, n_layers: int, kernel: int, residual: bool = False
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *[
                _StridedConvolution(channels if level else 1, channels, kernel, 2**level, residual)
                for level in range(n_layers)
            ]
        )
        height, width = halved_sizes(mel_shape, n_layers)[-1]
        self.n_features = channels * height * width

    def forward(self, mels: Tensor) -> Tensor:
        """Return the features."""
        h: Tensor = self.layers(mels[:, None])
        return h.flatten(1)


class ConvolutionDecoder(nn.Module):
    """The mirror image of the encoder: features `(batch, n_features)` to mels `(batch, n_mels, n_frames)`.

    A transposed convolution of stride 2 and even dilation writes to every other bin only, and leaves the rest
    at its bias. So the dilated layers convolve and then double the picture; only the last, which is not
    dilated, is transposed. There are as many kernels and weights as in the encoder.

    Args:
        mel_shape: `(n_mels, n_frames)`.
        channels: Channels of every layer.
        n_layers: Number of layers.
        kernel: Side of the kernels, odd.
    """

    def __init__(self, mel_shape: tuple[int, int], channels: int, n_layers: int, kernel: int) -> None:
        super().__init__()
        sizes = halved_sizes(mel_shape, n_layers)
        self.smallest = (channels, *sizes[-1])
        self.n_features = channels * sizes[-1][0] * sizes[-1][1]
        layers: list[nn.Module] = []
        for level in range(n_layers - 1, 0, -1):
            dilation = 2**level
            layers += [
                nn.Conv2d(channels, channels, kernel, dilation=dilation, padding=dilation * (kernel // 2)),
                nn.BatchNorm2d(channels),
                nn.ELU(),
                nn.Upsample(sizes[level]),
            ]
        (low, short), (high, long) = sizes[1], sizes[0]
        self.layers = nn.Sequential(*layers)
        self.leave = nn.ConvTranspose2d(
            channels,
            1,
            kernel,
            stride=2,
            padding=kernel // 2,
            output_padding=(high - 2 * low + 1, long - 2 * short + 1),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return the mels; the last layer is linear, because mels have no bounds."""
        h = self.layers(features.unflatten(1, self.smallest))
        mels: Tensor = self.leave(h)[:, 0]
        return mels


def halved_sizes(shape: tuple[int, int], n: int) -> list[tuple[int, int]]:
    """Return the picture's sizes before and after each of n layers of stride 2.

    >>> halved_sizes((64, 80), 2)
    [(64, 80), (32, 40), (16, 20)]
    """
    sizes = [shape]
    for _ in range(n):
        height, width = sizes[-1]
        sizes.append(((height + 1) // 2, (width + 1) // 2))
    return sizes

"""Inverse autoregressive flows: all dimensions in one pass forward, one dimension at a time back.

Step by step, x_i = z_i exp(s_i(z_<i, context)) + m_i(z_<i, context); the Jacobian is triangular, so its
log-determinant is the sum of the s_i.

References:
    Kingma et al., "Improved variational inference with inverse autoregressive flow", NeurIPS 2016,
    arXiv 1606.04934.
    Germain et al., "MADE: masked autoencoder for distribution estimation", ICML 2015, arXiv 1502.03509.
"""

import torch
from torch import Tensor, nn

from models.paper.initial_weights import xavier_

__all__ = ["AutoregressiveNet", "InverseAutoregressiveFlow", "InverseAutoregressiveStep", "MaskedLinear"]

# Per step: sixteen steps can still stretch by e^16. Without a limit, an extreme step in training overflows.
_LOG_SCALE_LIMIT = 1.0


class MaskedLinear(nn.Linear):
    """A dense layer with some of its connections cut.

    Args:
        mask: 1 where the output row sees the input column, `(n_out, n_in)`.
    """

    mask: Tensor

    def __init__(self, mask: Tensor) -> None:
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask, persistent=False)  # follows from the sizes

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., n_in)` to `(..., n_out)`."""
        return nn.functional.linear(x, self.weight * self.mask, self.bias)


class AutoregressiveNet(nn.Module):
    """Computes two numbers for each dimension from the dimensions before it and a context.

    Hidden units of degree k see the first k dimensions; those of degree 0 only the context.

    Args:
        n_latent: D.
        hidden: Width of the two hidden layers, D at least.
        n_context: Size of the context; 0 for none.
    """

    def __init__(self, n_latent: int, hidden: int, n_context: int = 0) -> None:
        super().__init__()
        dimensions = torch.arange(1, n_latent + 1)
        degrees = torch.arange(hidden) % n_latent
        seen = degrees[:, None] >= dimensions[None, :]
        passed = degrees[:, None] >= degrees[None, :]
        told = dimensions[:, None] > degrees[None, :]
        self.enter = MaskedLinear(seen.float())
        self.listen = nn.Linear(n_context, hidden, bias=False) if n_context else None
        self.middle = MaskedLinear(passed.float())
        self.leave = MaskedLinear(torch.cat([told, told]).float())
        xavier_(self)
        nn.init.zeros_(self.leave.weight)  # an untrained step changes nothing

    def forward(self, z: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return two tensors `(..., D)` for `z (..., D)` and its context `(..., n_context)`."""
        h = self.enter(z)
        if self.listen is not None:
            if context is None:
                raise ValueError("this flow needs a context")
            h = h + self.listen(context)
        h = nn.functional.elu(self.middle(nn.functional.elu(h)))
        first, second = self.leave(h).chunk(2, -1)
        return first, second


class InverseAutoregressiveStep(nn.Module):
    """x = z exp(s(z)) + m(z), with s and m autoregressive.

    Args:
        n_latent: D.
        hidden: Width inside.
        n_context: Size of the context; 0 for none.
    """

    def __init__(self, n_latent: int, hidden: int, n_context: int = 0) -> None:
        super().__init__()
        self.net = AutoregressiveNet(n_latent, hidden, n_context)

    def condition(self, z: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return log-scale and shift, each `(..., D)`; those of dimension i depend only on z before i."""
        raw, move = self.net(z, context)
        return _LOG_SCALE_LIMIT * torch.tanh(raw / _LOG_SCALE_LIMIT), move

    def forward(self, z: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Map `z (..., D)`; return x and the log-determinant of the Jacobian, `(...)`."""
        log_scale, move = self.condition(z, context)
        return z * log_scale.exp() + move, log_scale.sum(-1)

    def inverse(self, x: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Undo `forward`, in D passes; return z and the log-determinant of the inverse."""
        z = torch.zeros_like(x)
        for i in range(x.shape[-1]):
            log_scale, move = self.condition(z, context)
            column = (x[..., i] - move[..., i]) * (-log_scale[..., i]).exp()
            z = torch.cat([z[..., :i], column[..., None], z[..., i + 1 :]], -1)
        return z, -self.condition(z, context)[0].sum(-1)


class InverseAutoregressiveFlow(nn.Module):
    """Steps with the order of the dimensions reversed after each.

    Reversing keeps no state, so nothing of a trained flow can be lost between its weights and its code. There
    is no batch normalization between steps: its log-determinant would depend on the batch.

    Args:
        n_latent: D.
        n_steps: Number of steps; the paper uses 16.
        hidden: Width inside each.
        n_context: Size of the context; 0 for none.
    """

    def __init__(self, n_latent: int, n_steps: int = 16, hidden: int = 128, n_context: int = 0) -> None:
        super().__init__()
        self.steps = nn.ModuleList(
            InverseAutoregressiveStep(n_latent, hidden, n_context) for _ in range(n_steps)
        )

    def forward(self, z: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Map `z (..., D)`, in one pass per step; return x and the log-determinant, `(...)`."""
        ladj = z.new_zeros(z.shape[:-1])
        for step in self.steps:
            z, more = step(z, context)
            z, ladj = z.flip(-1), ladj + more
        return z, ladj

    def inverse(self, x: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Undo `forward`, in D passes per step: for analysis, not for playing."""
        ladj = x.new_zeros(x.shape[:-1])
        for step in reversed(self.steps):
            x, more = step.inverse(x.flip(-1), context)  # type: ignore[operator]
            ladj = ladj + more
        return x, ladj

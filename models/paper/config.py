"""Sizes of the paper's nine models, and of their rival."""

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["PaperConfig"]


@dataclass(frozen=True, kw_only=True)
class PaperConfig:
    """Sizes from the paper's page; those that it leaves open have the reason beside them.

    An autoencoder has half of `channels` and of `width`, so that encoder and decoder together are about as
    large as a baseline.
    """

    dense_layers: int = 5  # of the MLP
    width: int = 2_048
    head_layers: int = 3  # dense layers after, and before, the convolutions
    dropout: float = 0.3
    channels: int = 128
    convolutions: int = 5
    kernel: int = 7
    regressor_layers: int = 2
    regressor_width: int = 1_024
    # Spread of the patch around a dense regressor's answer, as the likelihood sees it: a squared error of
    # 0.1 in each of 32 parameters costs 16 nats. The original's factor of 1,000 is 0.126 at 32 parameters.
    regressor_spread: float = 0.1
    flow_steps: int = 16  # of posterior and regression flow
    flow_hidden: int = 128  # open; the original's is D, later 32
    flow_prior_weight: float = 0.1  # of the regression flow; at 1 being exact earns nothing (docs/models.md)
    flow_context: int = 64  # open; what the encoder tells each step of the posterior flow
    disentangling_steps: int = 8  # open; the original's number
    discrepancy_weight: float = 1_000.0  # open; nats that a maximum mean discrepancy of 1 costs the WAE
    tag_spread: float = 0.5  # open; a tagged pair's words stand at -1 and 1, so that they barely overlap
    tag_weight: float = 10.0  # of a tagged dimension against an untagged one, as in the original
    matching_steps: int = 16  # of Runge and Kutta's method, four velocities each; more changes nothing
    matching_guidance: float = 2.0  # as Hayes et al. 2025
    matching_hidden: float = 0.1  # share of the sounds that are hidden in training; as Hayes et al. 2025

    def to_dict(self) -> dict[str, Any]:
        """Return the sizes as plain data."""
        return asdict(self)

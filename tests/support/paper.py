"""The paper's models at a size that learns in a second."""

from models.paper.config import PaperConfig

__all__ = ["SMALL_PAPER"]

SMALL_PAPER = PaperConfig(
    width=64,
    channels=8,
    convolutions=3,
    dropout=0.0,
    regressor_width=64,
    flow_steps=4,
    flow_hidden=32,
    flow_context=8,
    disentangling_steps=2,
)

"""The nine models of the paper by name, and the rival they have today.

References:
    Esling et al., "Universal audio synthesizer control with normalizing flows", DAFx 2019, and the page
    https://acids-ircam.github.io/flow_synthesizer, "Models details".
"""

from collections.abc import Callable

from models.paper.autoencoder import AutoEncoder
from models.paper.config import PaperConfig
from models.paper.feed_forward import cnn, mlp, resnet
from models.paper.flow_matching import FlowMatching
from models.paper.latent_spaces import (
    DisentangledLatent,
    FlowLatent,
    GaussianLatent,
    LatentSpace,
    MatchedLatent,
    PointLatent,
)
from models.paper.paper_model import PaperModel
from models.paper.regressors import DenseRegressor, FlowRegressor

__all__ = ["PAPER_MODELS", "RIVAL", "new_paper_model"]

_FEED_FORWARD: dict[str, Callable[[int, tuple[int, int], PaperConfig], PaperModel]] = {
    "mlp": mlp,
    "cnn": cnn,
    "resnet": resnet,
}
PAPER_MODELS = (*_FEED_FORWARD, "ae", "vae", "wae", "vae_flow", "flow_reg", "flow_dis")
RIVAL = "flow_matching"  # not in the paper: Hayes et al. 2025, at the size of its baselines


def new_paper_model(
    name: str, n_parameters: int, mel_shape: tuple[int, int], config: PaperConfig, n_tags: int = 0
) -> PaperModel:
    """Build an untrained model; its weights depend on torch's random state.

    Args:
        name: One of `PAPER_MODELS`, or `RIVAL`.
        n_parameters: P, and the size D of the latent space in those models that have one.
        mel_shape: `(n_mels, n_frames)`.
        config: Sizes.
        n_tags: Number of pairs of words that Flow_dis tells apart.
    """
    if name in _FEED_FORWARD:
        return _FEED_FORWARD[name](n_parameters, mel_shape, config)
    if name == RIVAL:
        return FlowMatching(n_parameters, mel_shape, config)
    n_features = config.width // 2
    latent: LatentSpace
    match name:
        case "ae":
            latent = PointLatent(n_features, n_parameters)
        case "vae":
            latent = GaussianLatent(n_features, n_parameters)
        case "wae":
            latent = MatchedLatent(n_features, n_parameters, config.discrepancy_weight)
        case "vae_flow" | "flow_reg":
            latent = FlowLatent(n_features, n_parameters, config)
        case "flow_dis":
            latent = DisentangledLatent(n_features, n_parameters, n_tags, config)
        case _:
            raise ValueError(f"the paper has no model '{name}'")
    by_flow = name in ("flow_reg", "flow_dis")
    regressor = (
        FlowRegressor(n_parameters, config) if by_flow else DenseRegressor(n_parameters, n_parameters, config)
    )
    return AutoEncoder(mel_shape, latent, regressor, n_parameters, config)

"""How much work it is to make a model folder."""

from core.ruler.vocabulary import MEANINGS
from training.settings import PackageSettings

__all__ = ["RENDERS_A_SECOND", "n_package_renders"]

# Of four seconds, and core: a rough figure of a processor of today; docs/training.md has measured ones.
RENDERS_A_SECOND = 11.0
_N_KINDS = 14  # of sound, about


def n_package_renders(budget: PackageSettings) -> int:
    """Return about how many sounds are rendered to make a model folder."""
    n_dials = len(MEANINGS) + budget.raw
    dials = n_dials * budget.sounds * budget.steps + len(MEANINGS) * budget.curve_points
    dials += len(MEANINGS) * budget.presets_per_kind * _N_KINDS * budget.landmark_ways
    return dials + 2 * budget.heard_patches + 2 * budget.targets + 3 * budget.sketch_targets

"""A random but well-formed model folder, so that the server can be tried without training.

python -m tests.support.tiny_model FOLDER
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.space import Parameter, ParameterSpace
from models.coupling_arrays import Block
from models.folder import ModelFolder, ModelPresets, write_folder, write_macros
from models.macros import Macros
from models.served_flow import ServedCoupling
from models.settings import ModelSettings
from models.steering.chart import Chart
from models.steering.level_arrays import LevelArrays, VolumeScale

__all__ = ["tiny_flow", "tiny_leveler", "tiny_space", "write_charted_model", "write_tiny_model"]


MACRO_NAMES = tuple(f"Macro {k}" for k in range(8))
N_PRESETS = 20


def tiny_space(n: int = 32) -> ParameterSpace:
    """A made-up space of n parameters, `p00` onwards."""
    parameters = [
        Parameter(name=f"p{k:02d}", label=f"Parameter {k}", low=0.0, high=1.0, control_change=k)
        for k in range(n)
    ]
    return ParameterSpace(f"tiny-{n}", "none", parameters)


def tiny_flow(
    n: int = 32, n_blocks: int = 8, hidden: int = 128, seed: int = 0, leveled: bool = False
) -> ServedCoupling:
    """A random flow of the true shape; a leveled one has its volume in place 3."""
    rng = np.random.default_rng(seed)
    leveler = None
    n -= leveled
    d, e = n // 2, n - n // 2

    def dense(rows: int, columns: int) -> np.ndarray:
        return (rng.normal(size=(rows, columns)) / np.sqrt(columns)).astype(np.float32)

    blocks = [
        Block(
            w0=dense(hidden, d),
            b0=np.zeros(hidden, np.float32),
            w1=dense(hidden, hidden),
            b1=np.zeros(hidden, np.float32),
            w2=dense(2 * e, hidden) * np.float32(0.5),
            b2=np.zeros(2 * e, np.float32),
            rotation=np.linalg.qr(rng.normal(size=(n, n)))[0].astype(np.float32),
        )
        for _ in range(n_blocks)
    ]
    shift = rng.normal(size=n).astype(np.float32)
    if leveled:
        leveler = tiny_leveler(n, hidden, rng)
    return ServedCoupling(blocks, shift, np.full(n, 1.2, np.float32), leveler)


def tiny_leveler(n: int, hidden: int = 16, rng: np.random.Generator | None = None) -> LevelArrays:
    """A random leveler of n parameters beside the volume, which is in place 3."""
    rng = rng or np.random.default_rng(0)

    def dense(rows: int, columns: int) -> np.ndarray:
        return (rng.normal(size=(rows, columns)) / np.sqrt(columns)).astype(np.float32)

    zeros, called_for_db = np.zeros(hidden, np.float32), np.array([-9.0], np.float32)
    scale = VolumeScale(index=3, low=0.0, high=7399.44043, offset=-80.0)
    return LevelArrays(
        scale, dense(hidden, n), zeros, dense(hidden, hidden), zeros, dense(1, hidden), called_for_db
    )


def write_charted_model(path: Path, n_macros: int = 10) -> Path:
    """Write a tiny leveled model whose macros are those of a chart, more than there are dials."""
    write_tiny_model(path, leveled=True)
    tiny = ModelFolder.load(path)
    rng = np.random.default_rng(7)
    leads = rng.permutation(31)[:n_macros]
    gains = np.where(np.isin(np.arange(31), leads)[:, None], 0.0, rng.normal(size=(31, n_macros)))
    ends = np.sort(rng.uniform(-4.0, 4.0, size=(n_macros, 9)), axis=1)
    ends[::2] = ends[::2, ::-1]
    write_macros(
        path,
        Macros(
            names=tuple(f"Macro {k}" for k in range(n_macros)),
            directions=np.zeros((n_macros, 32), np.float32),
            low=np.zeros(n_macros, np.float32),
            high=np.ones(n_macros, np.float32),
            resting=tiny.macros.resting,
            descriptor_names=tiny.macros.descriptor_names,
            descriptor_curves=rng.uniform(size=(n_macros, 2, 50)).astype(np.float32),
            chart=Chart(leads, ends, gains, tiny_leveler(31), tiny.flow.leveler),
            charted=tuple(range(n_macros)),
            flow=tiny.flow,
        ),
    )
    return path


def write_tiny_model(
    path: Path,
    n: int = 32,
    seed: int = 0,
    space: ParameterSpace | None = None,
    n_presets: int = N_PRESETS,
    leveled: bool = False,
    macro_names: Sequence[str] = MACRO_NAMES,
    base: bytes | None = None,
) -> Path:
    """Write a tiny model folder, of a made-up space if none is given, and give its path.

    With `leveled` its last latent is the level, and no macro touches it. With a base, it is over somebody's
    own preset.
    """
    space = space or tiny_space(n)
    n = len(space)
    rng = np.random.default_rng(seed + 1)
    flow = tiny_flow(n, seed=seed, leveled=leveled)
    latents = rng.normal(size=(n_presets, n)).astype(np.float32)
    kinds = ("bass", "lead", "pad", "pluck")
    weights = {"flow.shift": flow.shift, "flow.scale": flow.scale}
    for k, block in enumerate(flow.blocks):
        weights |= {f"flow.blocks.{k}.{part}": array for part, array in vars(block).items()}
    if flow.leveler is not None:
        scale, *parts = vars(flow.leveler).values()
        names = ("w0", "b0", "w1", "b1", "w2", "b2")
        weights |= {f"flow.leveler.{name}": part for name, part in zip(names, parts, strict=True)}
        weights["flow.leveler.scale"] = np.array(list(vars(scale).values()), np.float32)
    directions = np.zeros((len(macro_names), n), np.float32)
    m = flow.n_coupled
    directions[:, :m] = np.linalg.qr(rng.normal(size=(m, m)))[0][: len(macro_names)]
    write_folder(
        path,
        space=space,
        weights=weights,
        macros=Macros(
            names=tuple(macro_names),
            directions=directions,
            low=np.full(len(macro_names), -2.3, np.float32),
            high=np.full(len(macro_names), 2.3, np.float32),
            resting=np.zeros(n, np.float32),
            descriptor_names=("brightness", "loudness"),
            descriptor_curves=rng.uniform(size=(len(macro_names), 2, 50)).astype(np.float32),
        ),
        presets=ModelPresets(
            names=tuple(f"{kinds[k % 4].title()} {k}" for k in range(n_presets)),
            kinds=tuple(kinds[k % 4] for k in range(n_presets)),
            places=rng.uniform(size=(n_presets, 2)).astype(np.float32),
            latents=latents,
            patches=flow.decode(latents),
        ),
        settings=ModelSettings(),
        base=base,
    )
    return path


if __name__ == "__main__":
    write_tiny_model(Path(sys.argv[1]))

"""The decoder that Flow Synth has for itself, timed under Node, beside numpy's in the same run.

    python -m benchmarks.device_decoder [--model NAME]

Max's own engine cannot be had here. Node without its compiler only interprets, which comes nearest.
Narrower flows are random: their time counts, and not what they decode to. Each runs in turn, in several
rounds. Times are the processor's, and medians, so that what else the machine does matters little.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from core.errors import BridgeError, ConfigError
from max4live.js.decoder.weights import coupling_of, flow_data
from models.coupling_arrays import Block, CouplingArrays
from models.folder import ModelFolder
from models.installed import find_model
from models.steering.level_arrays import LevelArrays

__all__ = ["compare", "narrower", "print_parts"]

_HERE = Path(__file__).parent
_SCRIPT = _HERE / "device_decoder.js"
_SCRIPTS = _HERE.parent / "max4live" / "js" / "decoder"
_WIDTHS = (64, 48, 32)
_COLUMNS = ("interpreted", "interpreted, back", "interpreted, read", "compiled", "compiled, back", "numpy")
_N_LATENTS = 200
_BATCH = 10  # decodes timed together: the processor's clock counts in microseconds


def main(given: list[str] | None = None) -> int:
    """Measure and print a table."""
    p = argparse.ArgumentParser(prog="python -m benchmarks.device_decoder", description=main.__doc__)
    p.add_argument("--model", default="vital-32", help="name or folder (%(default)s)")
    p.add_argument("--rounds", type=int, default=5, help="of each (%(default)s)")
    options = p.parse_args(given)
    try:
        flow = coupling_of(ModelFolder.load(find_model(options.model)))
        flows = {f"{options.model}, {flow.blocks[0].b0.shape[0]} wide": flow}
        flows |= {f"random, {width} wide": narrower(flow, width) for width in _WIDTHS}
        compare(flows, options.rounds)
        print_parts(options.rounds)
    except BridgeError as error:
        print(f"device_decoder: {error}", file=sys.stderr)
        return 2
    return 0


def narrower(flow: CouplingArrays, width: int, seed: int = 0) -> CouplingArrays:
    """Return a random flow of the same shape with hidden layers of another width.

    Those of the level are half as wide again, as in the shipped model.
    """
    rng = np.random.default_rng(seed)
    n = flow.n_coupled
    d, e = n // 2, n - n // 2

    def network(inputs: int, hidden: int, outputs: int) -> dict[str, np.ndarray]:
        sizes = {"0": (hidden, inputs), "1": (hidden, hidden), "2": (outputs, hidden)}
        arrays = {f"w{k}": rng.normal(size=size) / np.sqrt(size[1]) for k, size in sizes.items()}
        arrays |= {f"b{k}": 0.1 * rng.normal(size=size[0]) for k, size in sizes.items()}
        return {part: array.astype(np.float32) for part, array in arrays.items()}

    blocks = [
        Block(
            **network(d, width, 2 * e), rotation=np.linalg.qr(rng.normal(size=(n, n)))[0].astype(np.float32)
        )
        for _ in flow.blocks
    ]
    leveler = flow.leveler and LevelArrays(flow.leveler.scale, **network(n, 3 * width // 2, 1))
    return CouplingArrays(blocks, flow.shift, flow.scale, leveler)


def compare(flows: dict[str, CouplingArrays], rounds: int) -> None:
    """Time each flow under Node, interpreted and compiled, and under numpy, and print them.

    Raises:
        ConfigError: Node is missing, or failed.
    """
    latents = np.random.default_rng(1).normal(size=(_N_LATENTS, next(iter(flows.values())).n_latent))
    times: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in flows}
    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flow.json"
        data_of = {name: flow_data(flow) for name, flow in flows.items()}
        for _ in range(rounds):
            for name, flow in flows.items():
                data = data_of[name]
                sizes[name] = len(json.dumps(data)) / 1e3
                path.write_text(json.dumps({**data, "latents": latents.tolist()}), encoding="utf-8")
                for way, flags in (("interpreted", ["--jitless"]), ("compiled", [])):
                    told = _under_node(path, flags)
                    times[name][way] += told["decode_ms"]
                    times[name][f"{way}, back"] += told["invert_ms"]
                    times[name][f"{way}, read"].append(told["load_ms"])
                times[name]["numpy"] += _under_numpy(flow, latents)
    print(f"{'ms of processor':24s}{'kB':>6s}" + "".join(f"{c:>19s}" for c in _COLUMNS))
    for name, of in times.items():
        print(f"{name:24s}{sizes[name]:6.0f}" + "".join(f"{np.median(of[c]):19.2f}" for c in _COLUMNS))


def print_parts(rounds: int) -> None:
    """Print how long each part of the shipped model takes to read: a device never reads two in one go.

    Raises:
        ConfigError: Node is missing, or failed.
    """
    rows = [_run_node(["--jitless"], [])["parts"] for _ in range(rounds)]
    parts = np.median(rows, axis=0)
    print(
        f"the shipped model, interpreted, in {len(parts)} parts: the first {parts[0]:.1f} ms, presets "
        f"{parts[1]:.1f} ms, the longest {parts.max():.1f} ms, all {parts.sum():.0f} ms"
    )


def _under_node(path: Path, flags: list[str]) -> Any:
    return _run_node(flags, [str(path), str(_N_LATENTS), str(_BATCH)])


def _run_node(flags: list[str], arguments: list[str]) -> Any:
    node = shutil.which("node")
    if node is None:
        raise ConfigError("there is no Node: apt-get install nodejs")
    done = subprocess.run(
        [node, *flags, str(_SCRIPT), *arguments],
        env={**os.environ, "NODE_PATH": str(_SCRIPTS)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise ConfigError(f"Node failed: {done.stderr.strip()[-300:]}")
    return json.loads(done.stdout)


def _under_numpy(flow: CouplingArrays, latents: np.ndarray) -> list[float]:
    """Return the ms of one decode, for each batch."""
    times = []
    for k in range(0, len(latents), _BATCH):
        start = process_time()
        for z in latents[k : k + _BATCH]:
            flow.decode(z)
        times.append(1e3 * (process_time() - start) / _BATCH)
    return times


if __name__ == "__main__":
    sys.exit(main())

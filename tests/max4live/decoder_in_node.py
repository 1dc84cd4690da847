"""The device's own decoder, asked in Node."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).parent / "scripts"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="needs Node 18 or newer: apt-get install nodejs"
)


def device(model=None, **asked):
    """Ask the device's decoder; `model` None is the shipped one, from its scripts."""
    done = subprocess.run(
        ["node", "decoder.mjs"],
        cwd=SCRIPTS,
        input=json.dumps({"model": model, **asked}),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(answers):
    """What was written, `(n, D)`; all of it numbers."""
    assert all(answer["ok"] for answer in answers)
    return np.array([answer["out"] for answer in answers])

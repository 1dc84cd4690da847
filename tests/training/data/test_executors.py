import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from core.errors import ConfigError, RenderError
from synths.space_files import load_space
from tests.support.needs import needs_vst3_tools
from tests.support.on_threads import play_on_threads
from tests.support.tiny_plugin import build_tiny_plugin, write_tiny_space
from tests.training.data.test_dataset import FACTS, NOTE, PRIOR, SHARD_SIZE, render, shards
from training.data.dataset import DatasetFolder
from training.data.executors import cluster_executor, process_executor
from training.data.render import main, render_dataset

N_SHARDS = 6


def rendered_on(path, executor):
    render_dataset(
        DatasetFolder.create(path, FACTS),
        PRIOR,
        count=N_SHARDS * SHARD_SIZE,
        seed=3,
        note=NOTE,
        executor=executor,
        shard_size=SHARD_SIZE,
    )
    return shards(path)


@pytest.fixture(scope="module")
def on_threads(tmp_path_factory):
    return render(tmp_path_factory.mktemp("threads"), count=N_SHARDS * SHARD_SIZE)


def test_processes_make_the_same_shards_as_threads(on_threads, tmp_path):
    with process_executor(2) as executor:
        assert rendered_on(tmp_path, executor) == on_threads


CLUSTER_WORK = """
import sys
from pathlib import Path
from tests.training.data.test_executors import rendered_on
from training.data.executors import cluster_executor
if __name__ == "__main__":
    with cluster_executor("local:2") as executor:
        rendered_on(Path(sys.argv[1]), executor)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_cluster_killed_half_way_is_resumed_as_if_nothing_happened(on_threads, tmp_path):
    script = tmp_path / "work.py"
    script.write_text(CLUSTER_WORK)
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    with (tmp_path / "log").open("w") as log:
        # In a session of its own, so that its two workers die with it.
        work = subprocess.Popen(
            [sys.executable, str(script), str(tmp_path / "d")],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        deadline = time.monotonic() + 300
        while len(shards(tmp_path / "d")) < 1 and work.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(work.pid, signal.SIGKILL)
        assert work.wait() == -signal.SIGKILL, (tmp_path / "log").read_text()
    survivors = shards(tmp_path / "d")
    assert 1 <= len(survivors) < N_SHARDS
    assert survivors.items() <= on_threads.items()
    with cluster_executor("local:2") as executor:
        assert executor.n_jobs == 4
        assert rendered_on(tmp_path / "d", executor) == on_threads


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("local:", "Write local:2"),
        ("local:0", "Write local:2"),
        ("local:many", "Write local:2"),
        ("nonsense", "no Dask scheduler answers at nonsense"),
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line(address, said, monkeypatch):
    monkeypatch.setattr("training.data.executors._CONNECT_SECONDS", 2)
    with pytest.raises(ConfigError, match=said) as error, cluster_executor(address):
        pass
    assert "\n" not in str(error.value)


def test_workers_end_with_the_process_that_started_them(tmp_path):
    script = tmp_path / "work.py"
    script.write_text(
        "import os, time\nfrom training.data.executors import process_executor\n"
        "if __name__ == '__main__':\n"
        "    with process_executor(1) as executor:\n"
        "        print(executor.pool.submit(os.getpid).result(), flush=True)\n"
        "        time.sleep(300)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    work = subprocess.Popen([sys.executable, str(script)], env=environment, stdout=subprocess.PIPE)
    worker = int(work.stdout.readline())
    work.kill()
    work.wait()
    work.stdout.close()
    deadline = time.monotonic() + 60
    while _alive(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(worker)


def _alive(pid):
    import psutil

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


# -- every space end to end


@pytest.mark.parametrize("name", ["vital-16", "vital-64"])
def test_a_space_is_rendered_by_the_command(name, tmp_path, monkeypatch):
    monkeypatch.setattr("training.data.render.SHARD_SIZE", 3)
    assert main(["--space", name, "--count", "3", "--workers", "1", "--out", str(tmp_path / "d")]) == 0
    folder = DatasetFolder(tmp_path / "d")
    data = folder.read()
    assert folder.space.parameters == load_space(name).parameters
    assert data.patches.shape == (3, len(folder.space)) and data.mels.shape == (3, 64, 80)


@pytest.fixture
def tiny_space(tmp_path, monkeypatch):
    build_tiny_plugin(tmp_path)
    monkeypatch.setenv("FLOW_SYNTH_PLUGINS", str(tmp_path))
    monkeypatch.setattr("training.data.render.SHARD_SIZE", 4)
    return write_tiny_space(tmp_path)


@pytest.mark.real
@needs_vst3_tools
def test_a_plug_in_is_rendered_by_the_command(tiny_space, tmp_path):
    command = ["--space", str(tiny_space), "--count", "4", "--workers", "1", "--out", str(tmp_path / "d")]
    assert main(command) == 0
    data = DatasetFolder(tmp_path / "d").read()
    assert data.patches.shape == (4, 3) and data.patches.std(axis=0).min() > 0.02
    assert np.isfinite(data.mels.astype(np.float32)).all()


@pytest.mark.real
@needs_vst3_tools
def test_any_thread_may_play_a_plug_in(tiny_space):
    assert play_on_threads(str(tiny_space)) == (0, "alike\n")


def _crash(*_):
    os._exit(3)


def test_a_crash_in_a_worker_is_one_line(tmp_path):
    class Crashing:
        def __init__(self, executor):
            self.pool, self.n_jobs = self, executor.n_jobs
            self._inner = executor.pool

        def submit(self, function, *args, **options):
            return self._inner.submit(_crash)

    with (
        process_executor(1) as executor,
        pytest.raises(RenderError, match="has crashed, most likely the synth"),
    ):
        rendered_on(tmp_path, Crashing(executor))

"""A panel that cannot start."""

import subprocess
import sys

import pytest

from tests.panel.conftest import free_tcp_port
from tests.support.live import ROOT


@pytest.mark.skipif(sys.platform != "linux", reason="a full disk is made by a limit of Linux")
def test_a_panel_that_cannot_start_says_so_in_a_line_and_is_no_clean_end(tmp_path):
    import resource

    (tmp_path / "panel-token").write_text("t" * 32)
    command = [sys.executable, "-m", "panel", "--port", str(free_tcp_port()), "--data", str(tmp_path)]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)),
    )
    assert ended.returncode not in (0, 2)  # so it is started again
    assert "the panel could not start: OSError" in ended.stderr and "Traceback" not in ended.stderr

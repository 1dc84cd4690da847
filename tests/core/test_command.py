import logging
import os
import subprocess
import sys

import pytest

from core.command import exit_status
from core.errors import ConfigError


@pytest.mark.parametrize(("returned", "status"), [(None, 0), (0, 0), (3, 3)])
def test_the_status_is_that_of_the_work(returned, status):
    assert exit_status(lambda: returned) == status


def test_what_a_user_can_put_right_is_one_line(caplog):
    def work():
        raise ConfigError("pick another --out.")

    assert exit_status(work) == 2
    assert [record.getMessage() for record in caplog.records] == ["pick another --out."]


def test_ctrl_c_says_how_to_go_on(caplog):
    def work():
        raise KeyboardInterrupt

    caplog.set_level(logging.INFO)
    assert exit_status(work, stopped="run it again to continue") == 130
    assert "run it again to continue" in caplog.text


def test_a_bug_keeps_its_traceback():
    def work():
        return 1 // 0

    with pytest.raises(ZeroDivisionError):
        exit_status(work)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows breaks no pipes")
@pytest.mark.parametrize("closed", ["by its reader", "from the start"])
def test_a_program_goes_on_when_nobody_reads_what_it_tells(closed):
    reading, writing = os.pipe()
    os.close(reading)
    code = "import sys; from core.command import tell; tell('one'); tell('two'); sys.exit(3)"
    if closed == "from the start":
        code = "import os; os.close(1); " + code
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (done.returncode, done.stderr) == (3, "")

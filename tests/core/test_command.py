import logging

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

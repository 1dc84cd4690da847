import threading
import time

from server.running.jobs import Job, Jobs


def job(key, work, into):
    return Job(key=key, work=work, land=into.append, fail=into.append)


def land_all(jobs, woken):
    assert woken.wait(5)
    woken.clear()
    for land in jobs.landed():
        land()


def test_work_runs_elsewhere_and_lands_here():
    woken, landed = threading.Event(), []
    jobs = Jobs(woken.set)
    jobs.submit(job("a", threading.get_ident, landed))
    land_all(jobs, woken)
    jobs.stop()
    assert landed and landed[0] != threading.get_ident()


def test_failure_lands_too():
    woken, landed = threading.Event(), []
    jobs = Jobs(woken.set)
    jobs.submit(job("a", lambda: 1 / 0, landed))
    land_all(jobs, woken)
    jobs.stop()
    assert isinstance(landed[0], ZeroDivisionError)


def test_a_waiting_job_is_replaced_and_the_queue_has_an_end():
    gate, done = threading.Event(), []
    jobs = Jobs(lambda: None)
    jobs.submit(job("gate", lambda: gate.wait(5), []))
    time.sleep(0.05)
    for k in range(100):
        assert jobs.submit(job("same", lambda k=k: done.append(k), []))
    assert [jobs.submit(job(k, lambda: None, [])) for k in range(64)].count(False) == 1
    gate.set()
    jobs.stop()
    assert done == [99]


def test_stopping_finishes_what_waits():
    done = []
    jobs = Jobs(lambda: None)
    for k in range(5):
        jobs.submit(job(k, lambda k=k: (time.sleep(0.01), done.append(k)), []))
    jobs.stop()
    assert done == [0, 1, 2, 3, 4]

"""Stands for the two processes of a sketch: they hear nothing, and report what a test lets them."""

import numpy as np

from server.sketch.messages import CandidatesFound
from sketching.candidate import Candidate


class FakeProcesses:
    """Records what the two processes are told, and reports what a test lets them."""

    def __init__(self):
        self.told, self.said = [], []

    @property
    def waiting(self):
        return bool(self.said)

    def collect(self):
        said, self.said = self.said, []
        return said

    def send_to_microphone_process(self, message):
        self.told.append(("microphone", message))

    def send_to_answer_process(self, message):
        self.told.append(("answer", message))

    def stop(self):
        self.told.append(("both", "stop"))


def patches(n=3, seed=0):
    return np.random.default_rng(seed).uniform(0.2, 0.8, (n, 32)).astype(np.float32)


def answers(number, some, first):
    found = (
        Candidate(patch=patch, closeness=0.9 - 0.1 * k, label=f"label {k}") for k, patch in enumerate(some)
    )
    return CandidatesFound(number, tuple(found), first)

import ctypes
import ctypes.util

import pytest


@pytest.fixture(autouse=True)
def ordinary_floats():
    """Undo what Vital's engine does to the thread that renders: it makes subnormal numbers zero.

    Hypothesis refuses to draw floats in such a thread.
    """
    yield
    name = ctypes.util.find_library("m")
    if name is not None:  # FE_DFL_ENV of glibc
        ctypes.CDLL(name).fesetenv(ctypes.c_void_p(-1))

import ctypes
import ctypes.util

import pytest
from hypothesis import HealthCheck, settings

# A shared machine stalls now and then: that is no fault of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_MATHS = ctypes.util.find_library("m")  # once: it runs ldconfig


@pytest.fixture(autouse=True)
def ordinary_floats():
    """Undo what Vital's engine does to the thread that renders: it makes subnormal numbers zero.

    Hypothesis refuses to draw floats in such a thread.
    """
    yield
    if _MATHS is not None:  # FE_DFL_ENV of glibc
        ctypes.CDLL(_MATHS).fesetenv(ctypes.c_void_p(-1))

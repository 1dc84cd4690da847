from tests.synths.conftest import ordinary_floats

__all__ = ["ordinary_floats"]

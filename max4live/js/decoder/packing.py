"""Numbers as text in base 91, which `fsl_unpack.js` reads.

A matrix is the scale of each row, as a share of the largest, then all numbers as shares of their row's scale.
Small whole numbers are digits as they are.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["ALPHABET", "BASE", "FORM", "LINE", "Form", "Json", "levels_of", "packed", "reflections", "whole"]

# Nothing that ends a string or a comment, or escapes. fsl_unpack.js has the same.
ALPHABET = "!#$%&'()*+,-.0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"
BASE = len(ALPHABET)
LINE = 4_000  # characters
Form = tuple[int, int]  # so many digits for so many numbers
Json = dict[str, Any]

FORM: Form = (3, 1)  # 19.5 bits
_SCALE_DIGITS = 3
_DAMPING = 1e-3  # of the mean square of an input: keeps what one column makes up for within bounds


def packed(matrix: np.ndarray, form: Form = FORM, inputs: np.ndarray | None = None) -> Json:
    """Return a matrix `(rows, columns)`, or a vector as one row, as text with its sizes.

    Args:
        matrix: Finite numbers.
        form: So many digits for so many numbers. A number is off by less than half of `2 / levels` of the
            largest of its row.
        inputs: What the matrix is multiplied with, `(N, columns)`: their products are then as near as can be,
            instead of each number.

    Returns:
        `form`, which is `[rows, columns, digits, numbers in them, levels, largest]`, and `text`, in lines.
    """
    digits, group = form
    levels = levels_of(form)
    rows = np.atleast_2d(matrix).astype(np.float64)
    top = _enough(float(np.abs(rows).max(initial=0.0)) or 1.0)
    most = BASE**_SCALE_DIGITS - 1
    shares = np.ceil(np.abs(rows).max(axis=1) / top * most).clip(1, most)
    middle = (levels - 1) // 2
    numbers = _rounded(rows / (shares[:, None] * top / most) * middle, middle, inputs) + middle
    each = numbers.astype(int).ravel().tolist()
    each += [0] * (-len(each) % group)
    together = [
        sum(number * levels**k for k, number in enumerate(each[at : at + group]))
        for at in range(0, len(each), group)
    ]
    scales = (_digits(share, _SCALE_DIGITS) for share in shares.astype(int).tolist())
    return {
        "form": [*rows.shape, digits, group, levels, top],
        "text": _lines("".join(scales) + "".join(_digits(number, digits) for number in together)),
    }


def _enough(number: float) -> float:
    """Return a number in few digits that is not smaller.

    >>> _enough(0.7222594022750854)
    0.7223
    """
    step = 10.0 ** (math.floor(math.log10(number)) - 3)
    return float(f"{math.ceil(number / step) * step:.5g}")


def _rounded(numbers: np.ndarray, most: int, inputs: np.ndarray | None) -> np.ndarray:
    """Return whole numbers from -most to most."""
    if inputs is None:
        return np.round(numbers).clip(-most, most)
    together = inputs.T @ inputs / len(inputs)
    together += _DAMPING * (np.mean(np.diag(together)) or 1.0) * np.eye(len(together))
    # In float32, so that another library of linear algebra gives the same text.
    makes_up = np.linalg.cholesky(np.linalg.inv(together)).T.astype(np.float32).astype(np.float64)
    left, rounded = numbers.copy(), np.empty_like(numbers)
    for k, row in enumerate(makes_up):
        rounded[:, k] = np.round(left[:, k]).clip(-most, most)
        left[:, k + 1 :] -= ((left[:, k] - rounded[:, k]) / row[k])[:, None] * row[k + 1 :]
    return rounded


def levels_of(form: Form) -> int:
    """Return how many values a number has: odd, so that 0 is one of them.

    >>> levels_of((2, 1))
    8281
    """
    digits, group = form
    most = int(BASE ** (digits / group) * (1 + 1e-12))  # a root of a power of BASE may come out just below
    return most - (most + 1) % 2


def whole(numbers: Iterable[int], digits: int) -> list[str]:
    """Return whole numbers from 0 as lines of text, each number in so many digits.

    >>> whole([0, 90, 91], 2)
    ['!!!~#!']
    """
    return _lines("".join(_digits(number, digits) for number in numbers))


def _lines(text: str) -> list[str]:
    return [text[at : at + LINE] for at in range(0, len(text), LINE)]


def _digits(number: int, n: int) -> str:
    text = ""
    for _ in range(n):
        number, digit = divmod(number, BASE)
        text = ALPHABET[digit] + text
    return text


def reflections(rotation: np.ndarray) -> np.ndarray:
    """Return the n (n + 1) / 2 numbers of an orthogonal matrix `(n, n)`, each within -1 to 1.

    It is a product of n reflections, H0 H1 .., and a diagonal of signs. For each reflection these are its
    sign and the vector that it reverses, from the first number that is not 0: that is 1, and left out. Any
    orthogonal matrix has them, and rounded they still make one.

    References:
        Golub and Van Loan, "Matrix Computations", 4th edition, 5.1 and 5.2.
    """
    left, numbers = rotation.astype(np.float64), []
    for k in range(len(left)):
        column = left[k:, k]
        sign = -1.0 if column[0] >= 0.0 else 1.0  # away from what is there, so that nothing cancels
        vector = column / (column[0] - sign * np.linalg.norm(column))
        vector[0] = 1.0
        numbers += [sign, *vector[1:]]
        left[k:] -= np.outer(2.0 / vector.dot(vector) * vector, vector @ left[k:])
    return np.array(numbers)

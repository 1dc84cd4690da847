"""The QR code, read back, and against a code that another program (qrcode-terminal 0.12) made."""

import pytest

from panel.web.qr_code import _fixed_modules, _zigzag, qr_modules, qr_svg

# "HELLO", byte mode, version 1, level L, mask 0; rows from the top, a digit for each module.
HELLO = """
111111100101101111111
100000100111001000001
101110101101101011101
101110100101001011101
101110100010101011101
100000100000101000001
111111101010101111111
000000001101100000000
111011111111011000100
000100001000001000010
101000100010100011111
110010001010001000010
101001100110101010100
000000001101010100110
111111101001011100111
100000101111110110000
101110101001011100111
101110100010001100110
101110101110100010101
100000101100001010010
111111101100101100111
"""


def read(modules):
    """Return the text in a code without damage."""
    side = len(modules)
    fixed = _fixed_modules((side - 17) // 4, side)
    bits = [modules[y][x] ^ ((x + y) % 2 == 0) for x, y in _zigzag(side) if (x, y) not in fixed]
    words = [int("".join(str(int(bit)) for bit in bits[k : k + 8]), 2) for k in range(0, len(bits) - 7, 8)]
    number = int.from_bytes(bytes(words), "big")
    n = number >> 8 * len(words) - 12 & 0xFF
    return bytes((number >> 8 * (len(words) - k) - 12) & 0xFF for k in range(1, n + 1)).decode()


def test_a_code_is_what_another_program_makes():
    rows = ["".join(str(int(dark)) for dark in row) for row in qr_modules("HELLO")]
    assert rows == HELLO.split()


@pytest.mark.parametrize("n", [1, 17, 18, 32, 53, 78, 79, 106])
def test_a_text_of_any_length_comes_back(n):
    text = ("http://192.168.178.123:9140/?token=" + "aZ9-_" * 20)[:n]
    assert read(qr_modules(text)) == text


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="106"):
        qr_svg("x" * 107)

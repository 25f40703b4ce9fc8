"""Tests for blog.publish.compare."""

import pytest

from blog.publish import compare

BEFORE = {
    "same.html": b"<p>same</p>\n",
    "old.html": b"",
    "page.html": b"<p>one</p>\n<p>two</p>\n<p>three</p>\n",
    "picture.png": b"\x89PNG\xff",
    "same-size.txt": b"a",
}
AFTER = {
    "same.html": b"<p>same</p>\n",
    "new.html": b"",
    "page.html": b"<p>one</p>\n<p>2</p>\n<p>three</p>\n<p>four</p>\n",
    "picture.png": b"\x89PNG\xff\xff",
    "same-size.txt": b"b",
}


def test_compare_reports_removed_added_and_changed_files():
    assert list(compare.compare(BEFORE, AFTER)) == [
        "new.html: added",
        "old.html: removed",
        "page.html: changed\n    - <p>two</p>\n    + <p>2</p>\n    + <p>four</p>",
        "picture.png: changed\n    5 bytes -> 6 bytes",
        "same-size.txt: changed\n    - a\n    + b",
    ]


def test_changed_lines_shows_replaced_blocks():
    before, after = b"a\nb\nc\nd\n", b"a\nx\nd\n"
    assert list(compare.changed_lines(before, after)) == ["    - b", "    - c", "    + x"]


@pytest.mark.parametrize("position", [0, 30, 400])
def test_long_lines_are_cropped_around_the_first_difference(position):
    before = "." * position + "before" + "." * 500
    after = "." * position + "after" + "." * 500
    removed, added = compare.changed_lines(before.encode(), after.encode())
    start = max(0, position - compare.CONTEXT)
    assert removed == "    - " + before[start : position + compare.CONTEXT]
    assert added == "    + " + after[start : position + compare.CONTEXT]
    assert "before" in removed


def test_line_that_only_became_longer():
    line = "." * 200
    removed, added = compare.changed_lines(line.encode(), f"{line} and more".encode())
    assert removed == "    - " + line[-compare.CONTEXT :]
    assert added == "    + " + line[-compare.CONTEXT :] + " and more"


def write(folder, files):
    """Write files, some of them in subfolders."""
    for name, content in files.items():
        path = folder / "sub" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return str(folder)


def test_main_prints_the_differences_and_fails(tmp_path, capsys):
    before, after = write(tmp_path / "before", BEFORE), write(tmp_path / "after", AFTER)
    assert compare.main(before, after) == 1
    out = capsys.readouterr().out
    assert "sub/new.html: added\nsub/old.html: removed\n" in out
    assert out.endswith("5 of 6 files differ\n")


def test_main_succeeds_if_all_files_are_the_same(tmp_path, capsys):
    before, after = write(tmp_path / "before", BEFORE), write(tmp_path / "after", BEFORE)
    assert compare.main(before, after) == 0
    assert capsys.readouterr().out == "0 of 5 files differ\n"

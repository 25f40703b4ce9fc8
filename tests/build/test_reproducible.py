"""The comparison of two builds passes for what is the same, and shows what is not."""

import subprocess
import sys


def compare(small):
    return subprocess.run(
        [sys.executable, "-m", "blog.publish.reproducible"],
        cwd=small.folder,
        capture_output=True,
        text=True,
    )


def test_two_builds_are_the_same_in_every_byte(small):
    done = compare(small)
    assert done.returncode == 0, done.stderr
    assert f"are the same in all {len(small.built())} files" in done.stdout


def test_a_difference_is_shown(small, post):
    small.write("posts/2024/one.md", post("import time\nprint('at', time.time_ns())"))
    done = compare(small)
    assert done.returncode == 1
    assert "posts/2024/one.html: changed\n    - " in done.stderr
    assert "notebooks/posts/2024/one.ipynb: changed\n" in done.stderr

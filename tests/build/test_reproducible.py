"""The comparison of two builds passes for what is the same, and shows what is not."""

import subprocess
import sys

from blog.publish import reproducible


def test_two_builds_differ_only_in_nondeterministic_output(small, post):
    """Builds in two folders, at two times, on two machines so to speak."""
    small.write("posts/2024/one.md", post("import time\nprint('at', time.time_ns())"))
    done = subprocess.run(
        [sys.executable, "-m", "blog.publish.reproducible"],
        cwd=small.folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "posts/2024/one.html: changed\n    - " in done.stderr
    different = [line for line in done.stderr.splitlines() if line.endswith(": changed")]
    assert different == [
        "notebooks/posts/2024/one.ipynb: changed",
        "posts/2024/one.html: changed",
        "posts/atom.xml: changed",
    ]
    assert f"\n3 of {len(small.built())} files differ\n" in done.stderr


def test_equal_builds_pass(tmp_path, monkeypatch, capsys):
    write = "mkdir -p _build/html && echo same > _build/html/index.html"

    def start(source, folder, environment):
        folder.mkdir(parents=True)
        return subprocess.Popen(
            ["sh", "-c", write], cwd=folder, stderr=subprocess.PIPE, text=True, env=environment
        )

    monkeypatch.setattr(reproducible, "start_build", start)
    assert reproducible.main(str(tmp_path)) == 0
    assert capsys.readouterr().out == "Two clean builds are the same in all 1 files\n"

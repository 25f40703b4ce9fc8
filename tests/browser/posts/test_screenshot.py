"""The picture in README.md can be taken again."""

import subprocess
import sys

from tests.build.small_site import ROOT


def test_the_screenshot_is_taken_from_the_built_site(chromium, site, tmp_path):
    png = tmp_path / "screenshot.png"
    command = [sys.executable, "-m", "blog.measure.screenshot", site, png]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    content = png.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert 50_000 < len(content) < 300_000

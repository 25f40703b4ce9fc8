"""What several tests share: a freshly built site, and Hypothesis at a measured pace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """Build the blog anew, as `make html` does, and return its folder."""
    out = tmp_path_factory.mktemp("build") / "html"
    command = [sys.executable, "-m", "blog.build", ".", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out

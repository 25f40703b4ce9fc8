"""Run the blog's scripts under Node."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "js"


def missing(what):
    """In CI what is missing is a failure; elsewhere it is said."""
    pytest.fail(what) if os.environ.get("CI") else pytest.skip(what)


def node(*arguments):
    """Run a script under Node and return what it printed, as JSON."""
    if shutil.which("node") is None:
        missing("no Node found: the site's scripts were not compared with cnnlib")
    command = ["node", str(SCRIPTS / arguments[0]), *map(str, arguments[1:])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    return json.loads(done.stdout)

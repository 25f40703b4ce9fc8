"""Run the scripts of `cnnlib.explain` under Node."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "js"


def skip_or_fail(reason):
    """Skip the test if a tool is missing, but fail in CI."""
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


def node(*arguments):
    """Run a script under Node and return the JSON that it prints."""
    if shutil.which("node") is None:
        skip_or_fail("Node not found: cannot compare the scripts with cnnlib")
    command = ["node", str(SCRIPTS / arguments[0]), *map(str, arguments[1:])]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr + result.stdout[-2000:]
    return json.loads(result.stdout)

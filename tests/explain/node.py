"""Run the scripts of `cnnlib.explain` under Node."""

import json
import shutil
import subprocess
from pathlib import Path

from tests.tools import skip_or_fail

SCRIPTS = Path(__file__).parent / "js"


def node(*arguments):
    """Run a script under Node and return the JSON that it prints."""
    if shutil.which("node") is None:
        skip_or_fail("Node not found: cannot compare the scripts with cnnlib")
    command = ["node", str(SCRIPTS / arguments[0]), *map(str, arguments[1:])]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr + result.stdout[-2000:]
    return json.loads(result.stdout)

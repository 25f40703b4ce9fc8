"""Run the blog's scripts under Node."""

import json
import shutil
import subprocess
from pathlib import Path

from tests.tools import missing

SCRIPTS = Path(__file__).parent / "js"


def node(*arguments):
    """Run a script under Node and return what it printed, as JSON."""
    if shutil.which("node") is None:
        missing("no Node found: the site's scripts were not compared with cnnlib")
    command = ["node", str(SCRIPTS / arguments[0]), *map(str, arguments[1:])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    return json.loads(done.stdout)

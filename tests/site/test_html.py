"""The Nu HTML checker has no complaint about any page."""

import shutil
import subprocess

import pytest

from blog.measure import audit
from tests.tools import skip_or_fail

CHECKER = audit.HERE / "node_modules/vnu-jar/build/dist/vnu.jar"


@pytest.mark.java
@pytest.mark.node  # its package manager installs the checker
def test_no_page_has_an_error(site):
    why = "Java is not installed" if shutil.which("java") is None else audit.install_tools()
    if why:
        skip_or_fail(f"{why}: the pages' HTML was not checked")
    pages = sorted(map(str, site.rglob("*.html")))
    command = ["java", "-Xss4m", "-jar", str(CHECKER), "--errors-only", "--format", "gnu", *pages]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stderr.replace(str(site), "") == ""
    assert done.returncode == 0

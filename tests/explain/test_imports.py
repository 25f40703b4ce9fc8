"""Only the modules that draw need Matplotlib, and they say how to install it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXPLAIN = ROOT / "cnnlib" / "explain"
PARTS = sorted(
    ".".join(path.relative_to(EXPLAIN).with_suffix("").parts).removesuffix(".__init__")
    for path in EXPLAIN.rglob("*.py")
    if path != EXPLAIN / "__init__.py"
)
WITH_DRAWING = [name for name in PARTS if name.partition(".")[0] == "plots"]
WITHOUT_DRAWING = [name for name in PARTS if name not in WITH_DRAWING]

IMPORT_ALL = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(f"cnnlib.explain.{name}")
print(json.dumps(sorted({"matplotlib", "PIL"} & set(sys.modules))))
"""
IMPORT_EACH_WITHOUT_MATPLOTLIB = """
import importlib, json, sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
messages = {}
for name in sys.argv[1:]:
    try:
        importlib.import_module(f"cnnlib.explain.{name}")
    except ModuleNotFoundError as error:
        messages[name] = str(error)
print(json.dumps(messages))
"""


def run(code, modules):
    """Run code in a new interpreter and return the JSON that it prints."""
    command = [sys.executable, "-c", code, *modules]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_modules_without_drawing_import_neither_matplotlib_nor_pillow():
    assert run(IMPORT_ALL, WITHOUT_DRAWING) == []


def test_modules_with_drawing_say_how_to_install_matplotlib():
    messages = run(IMPORT_EACH_WITHOUT_MATPLOTLIB, WITH_DRAWING)
    assert list(messages) == WITH_DRAWING
    assert all("pip install 'cnnlib[draw]'" in message for message in messages.values())


def test_pictures_without_matplotlib_are_scenes_and_others_say_what_to_install():
    code = IMPORT_EACH_WITHOUT_MATPLOTLIB.replace(
        "messages = {}",
        """
from cnnlib.explain.picture import show_images, show_matrices
assert "<svg" in show_matrices("caption", a=[[1]]).svg
messages = {}
try:
    show_images("caption", a=[[1, 2]])
except ModuleNotFoundError as error:
    messages["show_images"] = str(error)
""",
    )
    messages = run(code, [])
    assert "pip install 'cnnlib[draw]'" in messages["show_images"]

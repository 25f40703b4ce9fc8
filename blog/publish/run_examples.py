"""Run the examples in cnnlib's docstrings, without the blog or pytest.

    python run_examples.py

Modules that need Matplotlib or Dask are skipped if it is not installed.
"""

import doctest
import importlib
import pkgutil
import sys

FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def main() -> None:
    """Run the examples of each module, and print how many there were."""
    import numpy

    import cnnlib

    tried = failed = 0
    for name in sorted(m.name for m in pkgutil.walk_packages(cnnlib.__path__, "cnnlib.")):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name not in ("matplotlib", "dask"):
                raise
        else:
            result = doctest.testmod(module, optionflags=FLAGS)
            tried, failed = tried + result.attempted, failed + result.failed
    foreign = {name.split(".")[0] for name in sys.modules} - sys.stdlib_module_names
    print(f"Python {sys.version.split()[0]}, NumPy {numpy.__version__}: {tried} examples of")
    print(f"{cnnlib.__file__}, {failed} failed; imported:", *sorted(foreign - {"__main__"}))
    sys.exit(failed > 0 or tried == 0)


if __name__ == "__main__":
    main()

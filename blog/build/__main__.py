"""Build the site into a new folder, and replace the previous site if there were no errors.

    python -m blog.build [SOURCE] [OUT]

Only one build runs at a time; a second one waits for the first. OUT never holds an incomplete or
faulty site, even if the build is killed: after an error the previous site stays in place.
"""

from __future__ import annotations

import sys
from pathlib import Path

from blog.build.environment import pin_environment
from blog.build.site import build


def main(source: str = ".", out: str = "_build/html") -> int:
    """Build the site, report the result, and return the exit status."""
    pages, site = Path(source).resolve(), Path(out).absolute()
    pin_environment(pages)
    try:
        errors = build(pages, site)
    except OSError as error:
        errors = [f"{error.filename or site}: cannot be written: {error.strerror}"]
    except KeyboardInterrupt:
        errors = ["Interrupted"]
    if not errors:
        print(f"The blog is built: open {out}/index.html")
        return 0
    print("\n".join(errors), file=sys.stderr)
    previous = (
        f"The last good site is still in {out}." if site.exists() else "There is no site yet."
    )
    print(f"\nThe build failed. {previous}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

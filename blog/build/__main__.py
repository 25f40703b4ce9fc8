"""Build the blog: a clean pass into a new folder, which takes the old one's place if all is well.

    python -m blog.build [SOURCE] [OUT]

One build at a time: a second one waits for the first. Nothing but a finished, faultless site is
ever seen in OUT, also if the build is killed; a fault leaves the last good site where it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from blog.build.environment import pin_environment
from blog.build.site import build


def main(source: str = ".", out: str = "_build/html") -> int:
    """Build, say what happened in as few words as possible, and return the exit status."""
    pages, site = Path(source).resolve(), Path(out).absolute()
    pin_environment(pages)
    try:
        wrong = build(pages, site)
    except OSError as error:
        wrong = [f"{error.filename or site}: cannot be written: {error.strerror}"]
    except KeyboardInterrupt:
        wrong = ["Stopped before it was done"]
    if not wrong:
        print(f"The blog is built: open {out}/index.html")
        return 0
    print("\n".join(wrong), file=sys.stderr)
    last = f"The last good one is still in {out}." if site.exists() else "There is none yet."
    print(f"\nNo new site. {last}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Say what the workflow that publishes has to do, as outputs of a step on GitHub.

    python -m blog.publish.plan BEFORE

BEFORE is the commit that the change began from. The tests of library and build run if more changed
than text. The address is that of the repository's Pages site, unless the variable BLOG_BASEURL
gives another one.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable

# What is only shown: the build checks it, and the tests of the built site.
CONTENT = re.compile(r"(?:posts|guide)/.+|(?!README|CONTRIBUTING)[^/]+\.md")


def is_code(names: Iterable[str]) -> bool:
    """Return whether a file among those that changed is more than content.

    >>> is_code(["posts/2026/what-a-blur-does.md", "about.md"]), is_code(["conf.py"])
    (False, True)
    """
    return any(not CONTENT.fullmatch(name) for name in names)


def changed_files(before: str) -> list[str]:
    """Return the files that changed since a commit; if that is unknown, all files."""
    diff = ["git", "diff", "--name-only", "--no-renames", before, "HEAD"]
    done = subprocess.run(diff, capture_output=True, text=True, check=False) if before else None
    if done is None or done.returncode:
        done = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def find_address(repository: str) -> str:
    """Return the address of a repository's Pages site.

    >>> find_address("Ann/my-blog"), find_address("ann/ann.github.io")
    ('https://ann.github.io/my-blog/', 'https://ann.github.io/')
    """
    owner, _, name = repository.partition("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def main(before: str = "") -> int:
    """Print the outputs."""
    repository = os.environ["GITHUB_REPOSITORY"]
    branch = os.environ.get("BLOG_COLAB_BRANCH", "")
    print(f"code={str(is_code(changed_files(before))).lower()}")
    print(f"address={os.environ.get('BLOG_BASEURL') or find_address(repository)}")
    print(f"notebooks={f'{repository}/blob/{branch}' if branch else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

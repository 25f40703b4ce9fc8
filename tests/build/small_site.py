"""A site of two short posts with the blog's own configuration, to change and to break."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = ["conf.py", "pyproject.toml", "README.md", "LICENSE"]
FILES += ["requirements/site.txt"]
KEPT = ["_build", ".cache"]
FOLDERS = ["_static", "blog", "cnnlib"]

# Whatever the blog is called, and whichever its language and subjects are.
FACTS = {
    "project": "Sliding Windows",
    "authors": {"team": ("The Sliding Windows authors", None)},
    "language": "en",
    "words": {},
    "navigation": {"posts": "Posts", "about": "About"},
    "colours": {},
    "logo_letter": "",
}
SUBJECTS = """\
tags = ["cnn", "deep-learning", "numpy", "performance", "vision"]
categories = ["Deep Learning", "Numerics"]
"""

INDEX = """\
---
description: A site to test with.
---

# A small site

Two posts, no more.

<!-- hero -->

<!-- latest posts -->
"""

POST = """\
---
blogpost: true
date: {date}
tags: {tags}
category: Deep Learning
description: {description}{extra}
file_format: mystnb
---

# {title}

{text}

```{{code-cell}} python
{code}
```
"""

READS = "print(open('numbers.txt').read())"


def make_post(code="print(6 * 7)", **changes):
    """Return the source of a post."""
    words = {
        "date": "2024-05-17",
        "tags": "cnn",
        "description": "A short post to test with.",
        "extra": "",
        "title": "A short post",
        "text": "Some words.",
    }
    return POST.format(code=code, **(words | changes))


@dataclass
class Site:
    """A folder with a small blog in it."""

    folder: Path

    def write(self, name, text):
        """Write a file, made of text or bytes."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def command(self, *arguments):
        """Return the command that builds."""
        return [sys.executable, "-m", "blog.build", *arguments]

    def build(self, *arguments, wrap=list, **environment):
        """Build, by a command that may be wrapped in others, and return the finished process."""
        return subprocess.run(
            wrap(self.command(*arguments)),
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def built(self):
        """Return all files of the site that was built, by their names."""
        out = self.folder / "_build" / "html"
        files = (path for path in out.rglob("*") if path.is_file())
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}

    def copy(self, folder):
        """Return a copy, with what was built."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Site(folder)

    def copy_sources(self, other):
        """Take the sources of another site in place of these; what was built stays."""
        for path in self.folder.iterdir():
            if path.name not in KEPT:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(
            other.folder,
            self.folder,
            ignore=shutil.ignore_patterns(*KEPT, "__pycache__"),
            dirs_exist_ok=True,
        )

    def from_nothing(self):
        """Build a copy of the sources from nothing, and return its files."""
        copy = Site(Path(tempfile.mkdtemp(dir=self.folder.parent)) / "another folder")
        copy.folder.mkdir()
        copy.copy_sources(self)
        done = copy.build()
        assert done.returncode == 0, done.stderr
        files = copy.built()
        shutil.rmtree(copy.folder.parent)
        return files

    def html(self, name="index.html"):
        """Return the text of a page that was built."""
        return (self.folder / "_build" / "html" / name).read_text()


def say(text, facts):
    """Return conf.py with other facts."""
    for name, value in facts.items():
        text, times = re.subn(
            rf"^{name}\b[^=\n]*= .*?(?=^[\w#])",
            lambda _, name=name, value=value: f"{name} = {value!r}\n",
            text,
            flags=re.MULTILINE | re.DOTALL,
        )
        assert times == 1, name
    return text


def copy_site(folder):
    """Copy the code of the blog, and write two posts of a few lines."""
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in FOLDERS:
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    site = Site(folder)
    site.write("conf.py", say((folder / "conf.py").read_text("utf-8"), FACTS))
    site.write("posts/subjects.toml", SUBJECTS)
    site.write("index.md", INDEX)
    code = "import cnnlib\n\nprint(cnnlib.relu(-3), cnnlib.relu(3))"
    site.write("posts/2024/one.md", make_post(code, title="One"))
    site.write("posts/2025/two.md", make_post(READS, date="2025-01-02", title="Two", tags="vision"))
    site.write("posts/2025/numbers.txt", "one two three")
    return site

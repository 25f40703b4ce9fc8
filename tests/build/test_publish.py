"""Checks before publishing, external links, and workflows."""

import os
import re
import subprocess
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from sphinx.errors import ConfigError

from blog.build.kernels import CellRunner
from blog.check import external_links
from blog.ext import notebooks
from blog.measure.server import QuietHandler, serve
from blog.publish import __main__ as publish_check
from blog.publish import plan
from tests.build.small_site import make_post

BASE = "https://example.org/blog/"
ABOUT = """\
---
description: How to install cnnlib.
orphan: true
---

# Install

{{ install }}
"""


@pytest.fixture(scope="module")
def published(model, tmp_path_factory):
    """Build the small site as it is published, at a given time, by someone with own settings."""
    site = model.copy(tmp_path_factory.mktemp("published") / "blog")
    home = site.folder.with_name("home")
    (home / ".config/matplotlib").mkdir(parents=True)
    (home / ".config/matplotlib/matplotlibrc").write_text("lines.linewidth: 7\n")
    (home / ".ipython/profile_default/startup").mkdir(parents=True)
    (home / ".ipython/profile_default/startup/a.py").write_text("leak = 1\n")
    code = "import matplotlib as mpl\nprint(mpl.rcParams['lines.linewidth'], 'leak' in globals())"
    site.write("posts/2025/two.md", make_post(code, date="2025-01-02"))
    done = site.build(
        BLOG_BASEURL=BASE,
        BLOG_NOTEBOOKS="me/blog/blob/pages",
        SOURCE_DATE_EPOCH="1000000000",
        HOME=str(home),
    )
    assert done.returncode == 0, done.stderr
    return site


def test_a_good_site_can_be_published(published):
    assert publish_check.find_problems(published.folder / "_build/html", BASE) == []


def test_paper_shows_where_the_page_was_published(published, model):
    def printed(site):
        page = BeautifulSoup(site.html("posts/2025/two.html"), "html.parser")
        return [line.text for line in page.select(".foot .printed")]

    assert printed(published) == [f"{BASE}posts/2025/two.html"]
    assert printed(model) == []


def test_user_settings_do_not_affect_a_page(published):
    assert "1.5 False" in published.html("posts/2025/two.html")


def test_source_date_epoch_is_honoured(published, model):
    def wheel(site):
        return next(text for name, text in site.built().items() if name.endswith(".whl"))

    assert wheel(published) != wheel(model)


@pytest.fixture
def served(small):
    with serve(small.folder / "_build" / "html") as url:
        yield url


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_published_notebook_fetches_wheel_and_data_from_the_site(
    small, served, post, tmp_path, monkeypatch
):
    """It runs in an empty folder, with the wheel and the data from a server."""
    url = served
    code = (
        "from pathlib import Path\n\nimport cnnlib\n\n"
        "print(open('numbers.txt').read(), Path(cnnlib.__file__).parts[-3])"
    )
    small.write("posts/2024/one.md", post(code))
    small.write("posts/2024/numbers.txt", "one two three")
    small.write("about.md", ABOUT)
    done = small.build(BLOG_BASEURL=url.rstrip("/"))
    assert done.returncode == 0, done.stderr
    assert f"{url}wheels/cnnlib-" in small.html("about.html")

    notebook = nbformat.reads(small.html("notebooks/posts/2024/one.ipynb"), as_version=4)
    install, fetch = notebook.cells[0].source.split("\n")
    assert install.startswith(f'%pip install --quiet "cnnlib[posts] @ {url}wheels/cnnlib-')
    assert f'urlretrieve("{url}notebooks/posts/2024/numbers.txt", "numbers.txt")' in fetch
    target, empty = tmp_path / "installed", tmp_path / "empty"
    target.mkdir()
    empty.mkdir()
    # The environment has what cnnlib needs; cnnlib itself must come from the wheel.
    monkeypatch.setenv("PIP_TARGET", str(target))
    monkeypatch.setenv("PIP_NO_DEPS", "1")
    monkeypatch.setenv("PYTHONPATH", str(target))
    resources = {"metadata": {"path": str(empty)}}
    CellRunner(notebook, 10**6, timeout=120, resources=resources).run(dict(os.environ))
    assert notebook.cells[-1].outputs[0].text == "one two three installed\n"


def test_without_an_address_a_notebook_uses_files_of_the_site_or_beside_it(
    model, tmp_path, monkeypatch
):
    path = model.folder / "_build/html/notebooks/posts/2025/two.ipynb"
    first = nbformat.read(path, as_version=4).cells[0].source
    find, install = first.rsplit("\n", 1)
    assert install == '%pip install --quiet "{wheel}[posts]"'
    assert "urlretrieve" not in first

    def found(folder):
        monkeypatch.chdir(folder)
        names = {}
        exec(find, names)
        return names["wheel"].resolve()

    wheel = found(path.parent)
    assert wheel.parent == model.folder.resolve() / "_build/html/wheels"
    with pytest.raises(FileNotFoundError, match=rf"beside this notebook.*{wheel.name}.*numbers"):
        found(tmp_path)

    # The page has links to what is missing.
    page = model.folder / "_build/html/posts/2025/two.html"
    _, *links = BeautifulSoup(page.read_text("utf-8"), "html.parser").select("aside.after a")
    for link in links:
        file = page.parent / link["href"]
        assert link.get_text() == file.name
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert found(tmp_path) == tmp_path.resolve() / wheel.name
    assert (tmp_path / "numbers.txt").read_text() == "one two three"


def test_a_page_offers_colab_where_github_holds_its_notebook(published, model):
    name = "posts/2024/one.html"
    assert "colab" not in model.html(name)
    download, colab = BeautifulSoup(published.html(name), "html.parser").select("aside.after a")
    place = "me/blog/blob/pages/notebooks/posts/2024/one.ipynb"
    address = f"https://colab.research.google.com/github/{place}"
    assert colab.attrs == {"href": address, "target": "_blank", "rel": ["noopener"]}
    assert address.endswith(download["href"].removeprefix("../../"))
    page = published.folder / "_build/html" / name
    assert (page.parent / download["href"]).is_file()


@pytest.mark.parametrize("place", ["https://example.org/blog", "me/blog", "me/blog/blob/"])
def test_an_invalid_repository_for_colab_is_rejected(place):
    config = SimpleNamespace(notebooks_github=place)
    message = f"BLOG_NOTEBOOKS must be OWNER/REPOSITORY/blob/BRANCH, got {place!r}"
    with pytest.raises(ConfigError, match=re.escape(message)):
        notebooks.check_config(None, config)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.html", "x\nhttp://127.0.0.1:8000/", "a.html:2: local address: http://127"),
        ("a.svg", "file:///x", "a.svg:1: path on the build machine: file://"),
        ("posts/atom.xml", f"{BASE} System Message", "posts/atom.xml:1: Sphinx error message"),
        ("a.ipynb", "<Figure object at 0x7f00aa00>", "a.ipynb:1: memory address of an object"),
        ("drafts/a.html", "", "drafts/a.html: is a draft"),
        ("posts/atom.xml", "", f"posts/atom.xml: does not contain {BASE}"),
    ],
)
def test_problems_before_publishing_are_found(tmp_path, name, text, message):
    for page in publish_check.REQUIRED:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text(BASE)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    found = publish_check.find_problems(tmp_path, BASE)
    assert len(found) == 1
    assert found[0].startswith(message)


@pytest.mark.parametrize("base", ["", "http://example.org/", "https:///blog"])
def test_a_public_address_is_needed(monkeypatch, capsys, base):
    monkeypatch.setenv("BLOG_BASEURL", base)
    assert publish_check.main() == 1
    assert "set it to the https address of the published blog" in capsys.readouterr().err


class Answers(QuietHandler):
    """Answer a request for /404 with the status 404, and so on."""

    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()


def test_links(tmp_path, capsys):
    with serve(tmp_path, Answers) as address:
        here = address.rstrip("/")
        codes = (200, 403, 404, 429, 410)
        page = "".join(f'<a class="x" href="{here}/{code}#part">' for code in codes)
        (tmp_path / "page.html").write_text(page)
        status = external_links.main(str(tmp_path))
    assert status == 1
    assert capsys.readouterr().out.split("\n") == [
        f"page.html: {here}/403: unknown (403)",
        f"page.html: {here}/404: broken (404)",
        f"page.html: {here}/429: unknown (429)",
        f"page.html: {here}/410: broken (410)",
        "5 external links, 2 broken",
        "",
    ]


def test_a_host_that_does_not_answer_is_not_a_broken_link():
    assert external_links.check_link("http://127.0.0.1:9/", timeout=2)[0] == "unknown"


GRANTED = {
    "deploy": {"pages": "write", "id-token": "write"},
    "colab": {"actions": "read", "contents": "write"},
}


def test_workflows_pin_actions_by_digest_and_ask_for_few_permissions(request):
    workflows = sorted((request.config.rootpath / ".github/workflows").glob("*.yml"))
    assert [path.name for path in workflows] == ["publish.yml", "weekly.yml"]
    for path in workflows:
        text = path.read_text()
        for action in re.findall(r"uses: (.*)", text):
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
        read = yaml.safe_load(text)
        assert read["permissions"] == {"contents": "read"}
        for name, job in read["jobs"].items():
            assert job.get("permissions") == GRANTED.get(name)
            assert job["timeout-minutes"] <= 60


@pytest.fixture
def workflow(request):
    """Return the jobs of the workflow that publishes, and its text."""
    text = (request.config.rootpath / ".github/workflows/publish.yml").read_text("utf-8")
    return yaml.safe_load(text)["jobs"], text


def test_the_workflow_publishes_whichever_repository_it_is_in(workflow, request):
    jobs, text = workflow
    assert "github.io" not in text
    for job in (jobs["site"], jobs["test"]):
        assert job["needs"] == "plan"
    assert jobs["plan"]["outputs"].keys() == {"code", "address", "notebooks"}
    settings = set(re.findall(r"vars\.(\w+)", text))
    guide = (request.config.rootpath / "guide/publish.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", guide, flags=re.MULTILINE)) == settings


def test_a_change_of_text_is_published_without_the_tests_of_the_library(workflow):
    jobs, _ = workflow
    assert jobs["test"]["if"] == "needs.plan.outputs.code == 'true'"
    assert set(jobs["deploy"]["needs"]) == {"site", "test"}
    # A job that was skipped does not keep this one from running; one that failed does.
    assert "!failure() && !cancelled()" in jobs["deploy"]["if"]
    commands = "".join(step.get("run", "") for step in jobs["site"]["steps"])
    assert "make html" in commands
    assert "make publish-site" in commands
    assert ".ci/run" not in commands


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["posts/2026/a.md", "posts/2026/a.csv", "guide/publish.md", "about.md"], False),
        (["posts/2026/a.md", "blog/ext/feed.py"], True),
        (["_static/site.css"], True),
        (["README.md"], True),  # its examples are tested
        ([".github/workflows/publish.yml"], True),
        ([], False),
    ],
)
def test_what_counts_as_more_than_text(names, code):
    assert plan.is_code(names) == code


def test_the_plan_is_made_of_the_commit_before(tmp_path, monkeypatch, capsys):
    def git(*arguments):
        own = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *own, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "conf.py").write_text("")
    git("add", ".")
    git("commit", "-qm", "One")
    (tmp_path / "about.md").write_text("A typo.")
    git("add", ".")
    git("commit", "-qm", "Two")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_REPOSITORY", "Ann/Blog")
    monkeypatch.setenv("BLOG_BASEURL", "")
    monkeypatch.setenv("BLOG_COLAB_BRANCH", "")
    assert plan.main("HEAD~1") == 0
    assert (
        capsys.readouterr().out == "code=false\naddress=https://ann.github.io/Blog/\nnotebooks=\n"
    )
    # The first push of a branch names no commit before it.
    monkeypatch.setenv("BLOG_BASEURL", "https://example.org/")
    monkeypatch.setenv("BLOG_COLAB_BRANCH", "notebooks")
    assert plan.main("0" * 40) == 0
    assert capsys.readouterr().out == (
        "code=true\naddress=https://example.org/\nnotebooks=Ann/Blog/blob/notebooks\n"
    )

"""What must not go out is found; links are asked with patience; workflows are pinned."""

import functools
import http.server
import re
import threading

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from nbclient import NotebookClient

from blog.check import external_links
from blog.publish import __main__ as publish_check

BASE = "https://example.org/blog/"
ABOUT = """\
---
description: How to install cnnlib.
orphan: true
---

# Install

{{ install }}
"""


def test_a_good_site_may_be_published(small):
    assert small.build(BLOG_BASEURL=BASE).returncode == 0
    assert publish_check.find_problems(small.folder / "_build/html", BASE) == []


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_published_notebook_fetches_wheel_and_data_from_the_site(
    small, post, tmp_path, monkeypatch
):
    """It runs in an empty folder, with the wheel and the data from a server."""
    handler = functools.partial(QuietHandler, directory=small.folder / "_build" / "html")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    code = "import cnnlib\n\nprint(open('numbers.txt').read(), cnnlib.__file__)"
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
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(empty)}}).execute()
    server.shutdown()
    server.server_close()
    assert notebook.cells[-1].outputs[0].text.startswith(f"one two three {target}")


def test_without_an_address_a_notebook_uses_files_of_the_site(small, post):
    small.write("posts/2024/one.md", post("print(open('numbers.txt').read())"))
    small.write("posts/2024/numbers.txt", "one two three")
    done = small.build(BLOG_BASEURL="")
    assert done.returncode == 0, done.stderr
    path = small.folder / "_build/html/notebooks/posts/2024/one.ipynb"
    first = nbformat.read(path, as_version=4).cells[0].source
    wheel = re.search('install --quiet "(.*)\\[posts\\]"$', first)[1]
    assert (path.parent / wheel).is_file()
    assert (path.parent / "numbers.txt").read_text() == "one two three"
    assert "urlretrieve" not in first


def test_a_page_offers_colab_where_github_holds_its_notebook(small):
    page = small.folder / "_build/html/posts/2024/one.html"
    assert "colab" not in page.read_text("utf-8")
    done = small.build(BLOG_NOTEBOOKS="me/blog/blob/pages")
    assert done.returncode == 0, done.stderr
    download, colab = BeautifulSoup(page.read_text("utf-8"), "html.parser").select("aside.after a")
    place = "me/blog/blob/pages/notebooks/posts/2024/one.ipynb"
    address = f"https://colab.research.google.com/github/{place}"
    assert colab.attrs == {"href": address, "target": "_blank", "rel": ["noopener"]}
    assert address.endswith(download["href"].removeprefix("../../"))
    assert (page.parent / download["href"]).is_file()


def test_a_place_that_colab_cannot_open_is_refused(small):
    done = small.build(BLOG_NOTEBOOKS="https://example.org/blog")
    assert done.returncode != 0
    assert "BLOG_NOTEBOOKS must be OWNER/REPOSITORY/blob/BRANCH, got 'https://" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.html", "x\nhttp://127.0.0.1:8000/", "a.html:2: local address: http://127"),
        ("a.svg", "file:///x", "a.svg:1: path on the build machine: file://"),
        ("posts/atom.xml", f"{BASE} System Message", "posts/atom.xml:1: Sphinx error message"),
        ("a.ipynb", "<Figure object at 0x7f00aa00>", "a.ipynb:1: memory address of an object"),
        ("drafts/a.html", "", "drafts/a.html: is a draft"),
        ("posts/atom.xml", "", f"posts/atom.xml: does not contain {BASE}"),
    ],
)
def test_what_must_not_be_published(tmp_path, name, text, said):
    for page in publish_check.REQUIRED:
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text(BASE)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    found = publish_check.find_problems(tmp_path, BASE)
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize("base", ["", "http://example.org/", "https:///blog"])
def test_a_public_address_is_needed(monkeypatch, capsys, base):
    monkeypatch.setenv("BLOG_BASEURL", base)
    assert publish_check.main() == 1
    assert "set it to the https address of the published blog" in capsys.readouterr().err


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path.strip("/")))
        self.end_headers()

    def log_message(self, *_):
        pass


def test_links(tmp_path, capsys):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    page = "".join(f'<a class="x" href="{here}/{code}#part">' for code in (200, 403, 404, 429, 410))
    (tmp_path / "page.html").write_text(page)
    status = external_links.main(str(tmp_path))
    server.shutdown()
    server.server_close()
    assert status == 1
    assert capsys.readouterr().out.split("\n") == [
        f"page.html: {here}/403: unknown (403)",
        f"page.html: {here}/404: broken (404)",
        f"page.html: {here}/429: unknown (429)",
        f"page.html: {here}/410: broken (410)",
        "5 external links, 2 broken",
        "",
    ]


def test_a_host_that_does_not_answer_is_forgiven():
    assert external_links.check_link("http://127.0.0.1:9/", timeout=2)[0] == "unknown"


def test_workflows_name_actions_by_digest_and_ask_for_little(request):
    workflows = sorted((request.config.rootpath / ".github/workflows").glob("*.yml"))
    assert [path.name for path in workflows] == ["publish.yml", "weekly.yml"]
    for path in workflows:
        text = path.read_text()
        for action in re.findall(r"uses: (.*)", text):
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
        read = yaml.safe_load(text)
        assert read["permissions"] == {"contents": "read"}
        for name, job in read["jobs"].items():
            granted = {"pages": "write", "id-token": "write"} if name == "deploy" else None
            assert job.get("permissions") == granted
            assert job["timeout-minutes"] <= 60

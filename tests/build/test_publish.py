"""What must not go out is found; links are asked with patience; workflows are pinned."""

import http.server
import re
import threading

import pytest
import yaml
from bs4 import BeautifulSoup

from blog.check import external_links
from blog.publish import __main__ as publish_check

BASE = "https://example.org/blog/"


def test_a_good_site_may_be_published(small):
    assert small.build(BLOG_BASEURL=BASE).returncode == 0
    assert publish_check.find_problems(small.folder / "_build/html", BASE) == []


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

"""Metadata for search engines and link previews, and the content security policy."""

import re
import struct
from base64 import b64encode
from hashlib import sha256
from types import SimpleNamespace
from urllib.parse import unquote
from zlib import crc32

from lxml import etree

from blog.ext import security
from tests.tools import ANY_POST

MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
POST = ANY_POST.removesuffix(".html")


def meta(page, name, key="property"):
    found = page.find_all("meta", attrs={key: name})
    assert len(found) == 1, name
    return found[0]["content"]


def test_each_page_has_its_address_title_and_description(pages):
    base = pages["index.html"].find("link", rel="canonical")["href"]
    for name, page in pages.items():
        if name == "404.html":
            continue
        address = page.find_all("link", rel="canonical")
        assert len(address) == 1, name
        assert unquote(address[0]["href"]) == (base if name == "index.html" else base + name)
        assert meta(page, "og:url") == address[0]["href"], name
        assert meta(page, "og:title")
        assert meta(page, "og:description") == meta(page, "description", "name")
        assert meta(page, "twitter:card", "name") == "summary_large_image"
        feed = page.find("link", rel="alternate", type="application/atom+xml")
        assert feed["href"].endswith("atom.xml"), name
        assert page.find("link", rel="icon", type="image/svg+xml"), name


def test_each_page_has_a_preview_picture(pages, site):
    base = pages["index.html"].find("link", rel="canonical")["href"]
    shown = {}
    for name, page in pages.items():
        if name != "404.html":
            shown[name] = meta(page, "og:image").removeprefix(base)
    assert shown[f"{POST}.html"] == f"social/{POST}.png"
    assert shown["posts.html"] == "social/index.png"
    for path in set(shown.values()):
        data = (site / path).read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (1200, 630)
        assert len(data) < 120_000
        assert b"tIME" not in data
        assert b"Software" not in data


def test_a_post_has_a_preview_picture_of_its_own(site):
    own, site_s = (site / "social" / f"{name}.png" for name in (POST, "index"))
    assert crc32(own.read_bytes()) != crc32(site_s.read_bytes())


def test_the_sitemap_lists_the_pages_and_robots_find_it(pages, site):
    tree = etree.parse(site / "sitemap.xml").getroot()
    places = [node.text for node in tree.iterfind("s:url/s:loc", MAP)]
    base = pages["index.html"].find("link", rel="canonical")["href"]
    names = {unquote(place.removeprefix(base)) or "index.html" for place in places}
    assert len(names) == len(places)
    assert names <= set(pages)
    assert {"index.html", "posts.html", f"{POST}.html"} <= names
    assert not names & {"404.html", "search.html"}
    dated = tree.xpath("s:url[s:lastmod]/s:loc/text()", namespaces=MAP)
    assert f"{base}{POST}.html" in dated
    robots = (site / "robots.txt").read_text()
    assert f"Sitemap: {base}sitemap.xml" in robots
    assert "Disallow" not in robots


def directives(policy):
    return {name: rest for name, *rest in (part.split() for part in policy.split("; "))}


def test_the_content_security_policy_allows_only_this_site(pages, site):
    headers = (site / "_headers").read_text()
    header = re.search("Content-Security-Policy: (.*)", headers)[1]
    for name, page in pages.items():
        policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
        before = [node.name for node in policy.find_previous_siblings()]
        assert before == ["meta"], name  # nothing is loaded before it but the character set
        rules = directives(policy["content"])
        assert rules["default-src"] == ["'none'"]
        assert rules["base-uri"] == ["'none'"]
        for directive, sources in rules.items():
            allowed = {"'self'", "'none'", "file:"}
            if directive == "img-src":
                allowed |= {"data:", "blob:"}
            for source in set(sources) - allowed:
                assert directive == "script-src"
                assert source.startswith("'sha256-")
        inline = [s.string for s in page.find_all("script") if not s.get("src")]
        for script in inline:
            digest = b64encode(sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in rules["script-src"], name
        assert not page.select("[style]"), name
        assert not page.find_all("style"), name
        # A picture that is opened on its own has styles and a font inside.
        for_files = directives(header)
        own = {"style-src": ["'unsafe-inline'"], "font-src": ["data:"]}
        assert for_files.pop("frame-ancestors") == ["'none'"]
        assert for_files == {k: sources + own.get(k, []) for k, sources in rules.items()}
    assert "frame-ancestors 'none'" in header
    assert "unsafe-eval" not in header


def test_the_policy_allows_files_only_on_a_local_site(request):
    for address, allowed in (("http://127.0.0.1:8000/", True), ("https://example.org/", False)):
        config = SimpleNamespace(html_baseurl=address, templates_path=["blog/templates"])
        app = SimpleNamespace(config=config, srcdir=request.config.rootpath)
        assert ("file:" in security.policy(app)) is allowed

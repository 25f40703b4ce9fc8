"""What `updated`, `redirect` and `image` in a post's front matter do on the site."""

import re

from lxml import etree

from tests.build.small_site import make_post


def test_a_changed_post_says_so_and_its_old_addresses_lead_on(small):
    extra = "\nupdated: 2024-06-01\nredirect: posts/2023/old-name, posts/2024/older"
    small.write("posts/2024/one.md", make_post("print(6 * 7)", title="A < B", extra=extra))
    done = small.build()
    assert done.returncode == 0, done.stderr
    page = small.html("posts/2024/one.html")
    assert 'Updated <time datetime="2024-06-01">Jun 1, 2024</time>' in page
    assert '<meta property="article:modified_time" content="2024-06-01">' in page
    assert "<updated>2024-06-01T12:00:00+00:00</updated>" in small.html("posts/atom.xml")
    # To programs that have shown it, the post is the one of the first of its old addresses.
    entries = etree.parse(small.folder / "_build/html/posts/atom.xml").iterfind("{*}entry")
    names = {e.find("{*}link").get("href")[-13:]: e.findtext("{*}id") for e in entries}
    assert names["2024/one.html"].endswith("/posts/2023/old-name.html")
    assert names["2025/two.html"].endswith("/posts/2025/two.html")
    assert re.search(r"one\.html</loc><lastmod>2024-06-01<", small.html("sitemap.xml"))
    for old, new in {
        "posts/2023/old-name": "../2024/one.html",
        "posts/2024/older": "one.html",
    }.items():
        moved = small.html(f"{old}.html")
        assert f'<meta http-equiv="refresh" content="0; url={new}">' in moved
        assert f'<a href="{new}">A &lt; B</a>' in moved
        assert old not in small.html("sitemap.xml")
    assert "Updated" not in small.html("posts/2025/two.html")

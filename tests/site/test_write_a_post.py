"""The page for authors shows, after each source, what that very source becomes."""

import re


def test_each_source_is_followed_by_itself(request):
    text = (request.config.rootpath / "guide/write-a-post.md").read_text()
    shown = re.findall(r"^````markdown\n(.*?)\n````\n\n", text, flags=re.DOTALL | re.MULTILINE)
    assert len(shown) >= 10
    for source in shown:
        assert f"````markdown\n{source}\n````\n\n{source}\n" in text


def test_it_shows_what_a_page_can_hold(site):
    page = (site / "guide/write-a-post.html").read_text()
    for part in (
        "<math",
        "<figcaption>",
        '<details class="fold">',
        "SciPy",
        "<cnn-explorer",
        "<cnn-question",
    ):
        assert part in page

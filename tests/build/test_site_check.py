"""The built pages are checked, whatever wrote them: ids, pictures, policy, tables, links."""

import pytest

from blog.check.site import check_site

PAGE = "<!doctype html><html><head><title>A</title></head><body><article>{}</article></body></html>"
BOX = '<div tabindex="0"><table><tr>{}</tr></table></div>'
# What stands in the page and, with its line, in the source; the message.
FAULTS = {
    "id twice": (
        '<p id="one">',
        '<p id="one"></p><b id="one">x</b>',
        'the id "one" is there twice',
    ),
    "no size": (
        "a.png",
        '<img src="a.png" alt="A">',
        "<img> without width and height: write ![desc",
    ),
    "no alt": (
        "a.png",
        '<img src="a.png" width="1" height="1">',
        "<img> without alt; describe what",
    ),
    "picture in other HTML": (
        "no.png",
        '<figure><img src="no.png" alt="B"></figure>',
        "<img> without width and height: write ![description](no.png), or ```{figure} no.png for",
    ),
    "missing picture": (
        "b.png",
        '<img src="b.png" alt="B" width="1" height="1">',
        "b.png is not on the site: write ![description](b.png), which brings the file there",
    ),
    "missing page": (
        "no.html",
        '<a href="no.html">x</a>',
        "no.html is not on the site: link to pag",
    ),
    "missing from the root": (
        "/no.html",
        '<a href="/no.html">x</a>',
        "/no.html is not on the site",
    ),
    "missing place": ("#no", '<a href="#no">x</a>', "#no leads to a place that is not there"),
    "missing place elsewhere": (
        "other.html#no",
        '<a href="other.html#no">x</a>',
        "other.html#no lead",
    ),
    "style": ("color: red", '<p style="color: red">x</p>', '<p style="color: red"> has no effect'),
    "script": (
        "<p",
        '<p onclick="f()">x</p>',
        "<p> has a script in an attribute, which does not r",
    ),
    "frame": ("<iframe", "<iframe></iframe>", "<iframe> is not shown: write a link"),
    "style sheet": ("<style", "<style>p {}</style>", "<style> is not shown: write a link"),
    "from elsewhere": (
        "//a.org",
        '<script src="//a.org"></script>',
        "nothing is loaded from other",
    ),
    "table without box": (
        "x",
        "<table><tr><th>x</th></tr></table>",
        "a table cannot be scrolled by",
    ),
    "table without names": (
        "x",
        BOX.format("<td>x</td>"),
        "a table has no names of columns or row",
    ),
}
GOOD = (
    '<a href="other.html#there">x</a> <a href="#here">y</a> <a href="/other.html">z</a>'
    '<a href="mailto:a@b.org">m</a> <a href="https://a.org">e</a> <b id="here">b</b>'
    '<img src="a.png" alt="" width="1" height="1"> <cnn-explorer><img src="a.png"></cnn-explorer>'
) + BOX.format("<th>x</th>")


@pytest.fixture
def check(tmp_path):
    site, source = tmp_path / "site", tmp_path / "source"

    def run(html, text=""):
        for name, content in {
            "page.html": PAGE.format(html),
            "other.html": PAGE.format('<p id="there">x</p>'),
            "a.png": "",
        }.items():
            (site / name).parent.mkdir(exist_ok=True)
            (site / name).write_text(content)
        source.mkdir()
        (source / "page.md").write_text(text)
        return list(check_site(site, source, "https://example.org/"))

    return run


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_where_the_source_has_it(check, fault):
    written, html, message = FAULTS[fault]
    (found,) = check(html, f"---\n---\n\n{written}\n")
    assert found.startswith(f"page.md:4: {message}")


def test_a_part_of_the_front_matter_or_of_a_word_is_no_place(check):
    (found,) = check(BOX.format("<td>1</td>"), "---\nseries: 1\n---\n\nAbout 21\n\n<td>1</td>\n")
    assert found.startswith("page.md:7: a table has no names")


def test_a_fault_that_the_source_does_not_show_names_the_page(check):
    (found,) = check('<p style="color: red">x</p>', "Text.")
    assert found == 'page.md: <p style="color: red"> has no effect: leave it out'


def test_a_page_that_works_has_no_fault(check):
    assert check(GOOD) == []

"""The gallery of the snippets, and the repeated lines that are folded there."""

import base64
import io
import re

import pytest
from lxml import etree
from PIL import Image

from blog.ext.gallery import matrix, photograph
from blog.ext.repeated_lines import split_opening
from cnnlib.explain import show_matrices


@pytest.fixture(scope="module")
def page(pages):
    return pages["snippets.html"]


def test_each_recipe_has_an_entry_with_a_picture_that_leads_to_it(page):
    entries = page.select("ul.gallery > li > a")
    titles = [heading.get_text() for heading in page.main.find_all("h2")]
    assert [entry.find_all(string=True, recursive=False)[-1] for entry in entries] == titles
    for entry, heading in zip(entries, page.main.find_all("h2"), strict=True):
        assert page.find(id=entry["href"].removeprefix("#")).h2 == heading
        shown = entry.find(True)
        assert shown.get("alt") == "" or shown["aria-hidden"] == "true"
    assert len(page.select(".gallery img")) >= 7
    assert len({str(entry.find(True)) for entry in entries}) > 18


def test_pictures_of_the_gallery_are_small(page):
    for entry in page.select(".gallery li"):
        assert len(str(entry)) < 4000, entry.get_text()
    for image in page.select(".gallery img"):
        data = base64.b64decode(image["src"].partition(",")[2])
        assert len(data) < 2500
        assert max(Image.open(io.BytesIO(data)).size) <= int(image["width"])


def test_what_is_printed_is_not_cut_within_a_word(page):
    tiles = page.select(".gallery .printed")
    assert len(tiles) > 4
    for tile in tiles:
        lines = tile.get_text().split("\n")
        assert max(map(len, lines)) <= 22
        assert "one" not in tile["class"] or (len(lines) <= 3 and max(map(len, lines)) <= 18)
        section = page.find(id=tile.find_parent("a")["href"].removeprefix("#"))
        whole = section.select(".cell_output pre")[0].get_text().split()
        assert all(word in [*whole, "…"] for line in lines for word in line.split())


def test_the_picture_of_matrices_is_the_last_one_in_its_shades():
    drawn = show_matrices("A caption.", image=[[1, 2, 3]], output=[[0, -4], [4, 2]])
    svg = matrix(etree.fromstring(drawn.svg.encode()))
    paths = re.findall(r'<path d="([^"]*)" fill="var\(--(\w+)\)" fill-opacity="(.*?)"', svg)
    found = {(role, level): d.count("M") for d, role, level in paths}
    assert found == {("minus", "0.3"): 1, ("output", "0.3"): 1, ("output", "0.15"): 1}
    assert 'd="M1 0h1v1h-1z" fill="var(--minus)"' in svg
    assert 'viewBox="-.05 -.05 2.1 2.1"' in svg
    assert photograph(etree.fromstring(drawn.svg.encode())) == ""


def test_repeated_lines_are_folded_and_new_ones_are_not(page):
    seen = set()
    for cell in page.select(".cell_input"):
        folded = cell.select_one("details.imports pre")
        lines = set(folded.get_text().split("\n") if folded else []) - {""}
        assert lines <= seen
        code = cell.find_all("pre")[-1].get_text()
        shown = [line for line in code.split("\n") if re.match(r"import |from ", line)]
        if not cell.find_parent("details"):
            assert not set(shown) & seen, shown
        seen |= {*lines, *code.split("\n")}
    assert len(page.select("details.imports")) > 15
    # Loading the photograph is shown once.
    shown = [cell.find_all("pre")[-1].get_text() for cell in page.select(".cell_input")]
    assert sum("get_sample_data(" in code for code in shown) == 1


@pytest.mark.parametrize(
    ("code", "seen", "expected"),
    [
        ("import a\nimport b\n\nb.f()", {"import a"}, ("import a", "import b\n\nb.f()")),
        ("import a\n\na.f()", {"import a"}, ("import a", "a.f()")),
        ("import a\na.f()", set(), ("", "import a\na.f()")),
        ("x = 1\nimport a", {"import a"}, ("", "x = 1\nimport a")),
        ("import a\n\nx = 1\ny = 2", {"import a", "x = 1"}, ("import a\n\nx = 1", "y = 2")),
        ("import a\ny = 2\nx = 1", {"import a", "x = 1"}, ("import a", "y = 2\nx = 1")),
    ],
)
def test_only_lines_at_the_beginning_are_folded(code, seen, expected):
    assert split_opening(code, seen) == expected

"""The page for authors shows, after each source, what that very source becomes."""

import re


def test_each_source_is_followed_by_itself(request):
    text = (request.config.rootpath / "guide/write-a-post.md").read_text()
    shown = re.findall(r"^````markdown\n(.*?)\n````\n\n", text, flags=re.DOTALL | re.MULTILINE)
    assert len(shown) >= 10
    for source in shown:
        # The code of a cell is not shown a second time before its result.
        plain = re.sub(r"(```\{code-cell\}.*\n)(?!:)", r"\1:tags: [remove-input]\n\n", source)
        assert f"````markdown\n{source}\n````\n\n{plain}\n" in text


def test_the_code_of_a_cell_stands_only_in_its_source(pages):
    cells = pages["guide/write-a-post.html"].select(".cell_input")
    assert cells
    assert all(cell.find_parent("details", class_="hide") for cell in cells)


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

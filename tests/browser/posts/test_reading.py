"""Helps to read a page: contents that mark the section being read, and folded code."""

from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image

POST = "posts/2026/how-fast-can-numpy-convolve.html"
MARKED = "document.querySelector('.toc [aria-current=location]')?.hash"
OPEN = "[...document.querySelectorAll('details.hide')].filter(fold => fold.open).length"


def wait_for_mark(page, name):
    page.locator(f".toc [aria-current=location][href='{name}']").wait_for()


def test_the_contents_mark_the_section_being_read(visit):
    page = visit(POST)
    assert page.evaluate(MARKED) is None  # the introduction is no section
    for name in ("do-nothing", "write-each-window-as-a-column"):
        page.evaluate(f"document.getElementById('{name}').scrollIntoView()")
        wait_for_mark(page, f"#{name}")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    wait_for_mark(page, "#references")  # too short to reach the top
    assert page.locator(".toc [aria-current]").count() == 1


def test_the_contents_show_their_beginning_again_above_the_first_section(visit):
    page = visit("snippets.html", height=600)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_function("() => document.querySelector('.toc').scrollTop > 0")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_function(f"() => !({MARKED})")
    assert page.locator(".toc").evaluate("toc => toc.scrollTop") == 0


def test_nothing_stands_before_the_text_while_one_reads(visit):
    page = visit(POST)
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(100)
    fixed = """[...document.querySelectorAll('body, body *')].filter(one =>
        ['', '::before', '::after'].some(
            part => getComputedStyle(one, part || null).position === 'fixed'))
        .map(one => one.className)"""
    assert page.evaluate(fixed) == []


def test_without_scripts_nothing_is_marked_and_folds_open_by_themselves(visit):
    page = visit(POST, java_script_enabled=False)
    assert page.locator(".toc [aria-current]").count() == 0
    assert not page.locator("button.all-code").is_visible()
    page.locator("details.hide > summary").first.click()
    assert page.locator("details.hide[open]").count() == 1


@pytest.mark.parametrize("name", [POST, "guide/design.html"])
def test_one_switch_shows_all_code_by_keyboard_and_remembers_it_for_the_page(visit, name):
    page = visit(name)
    total = page.locator("details.hide").count()
    switch = page.get_by_role("button", name="Show all code")
    switch.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(OPEN) == total > 1
    page.reload()
    assert page.evaluate(OPEN) == total
    assert switch.get_attribute("aria-pressed") == "true"
    first = page.url
    page.goto(first.removesuffix(name) + "snippets.html")
    assert page.evaluate(OPEN) == 0
    page.goto(first)
    page.get_by_role("button", name="Show all code").click()
    page.reload()
    assert page.evaluate(OPEN) == 0


def test_the_sign_for_code_stands_at_the_corner_of_its_figure(visit):
    for width in (1440, 768, 360):
        page = visit(POST, width=width)
        boxes = page.evaluate("""() => {
            const cell = document.querySelector(".cell:has(figure):has(> details.hide)");
            const box = one => cell.querySelector(one).getBoundingClientRect().toJSON();
            const line = parseFloat(getComputedStyle(cell.querySelector("figcaption")).lineHeight);
            const high = parseFloat(
                getComputedStyle(cell.querySelector("summary"), "::before").height);
            return {sign: box("summary"), figure: box("figure"), line, high};
        }""")
        sign, figure, line = boxes["sign"], boxes["figure"], boxes["line"]
        assert sign["right"] == pytest.approx(figure["right"], abs=2), width
        assert sign["bottom"] <= figure["bottom"] + 4, width
        assert min(sign["width"], sign["height"]) >= 24
        if width == 360:  # beside the last line of the caption, and not touching the one before
            assert sum(sign[y] for y in ("top", "bottom")) / 2 >= figure["bottom"] - line / 2 - 1
            assert boxes["high"] <= line - 3


def test_code_that_goes_on_beyond_its_edge_has_a_shadow_there(visit):
    page = visit("snippets.html", width=360)
    code = page.locator("main .cell_input pre").first
    assert "local" in code.evaluate("pre => getComputedStyle(pre).backgroundAttachment")


def test_rows_of_a_matrix_stand_equally_far_apart(visit):
    page = visit("posts/2021/brief-introduction-to-cnn.html")
    page.evaluate("document.fonts.ready.then(() => 1)")
    tops = page.locator("main math mtable").evaluate_all(
        """tables => tables.filter(table => !table.querySelector("mfrac")).map(
            table => [...table.children].map(row => row.getBoundingClientRect().height))"""
    )
    assert tops
    for heights in tops:
        assert max(heights) - min(heights) < 1


def test_left_edges_lie_on_one_grid(visit):
    edges = set()
    for name in ("index.html", "playground.html", "about.html", "posts.html", "search.html"):
        page = visit(name)
        for part in (".brand", "h1"):
            edges.add(round(page.locator(part).first.bounding_box()["x"]))
    page = visit("snippets.html")
    for part in (".gallery", ".cell_input pre"):
        edges.add(round(page.locator(part).first.bounding_box()["x"]))
    page = visit(POST)
    edges.add(round(page.locator(".cell_output:has(> figure + figure)").first.bounding_box()["x"]))
    assert len(edges) == 2  # of the masthead, and of the text


def test_no_sign_for_code_takes_a_line_of_its_own_and_all_have_one_edge(visit):
    page = visit("posts/2021/brief-introduction-to-cnn.html")
    boxes = page.locator(".cell_output:not(:has(> figure + figure)) + details.hide").evaluate_all(
        """all => all.map(one => {
            const sign = one.firstElementChild.getBoundingClientRect();
            return {right: sign.right, bottom: sign.bottom, visible: sign.width > 0,
                    above: one.previousElementSibling.getBoundingClientRect().bottom};
        }).filter(box => box.visible)"""
    )
    assert len(boxes) > 5
    assert len({round(box["right"]) for box in boxes}) == 1
    for box in boxes:
        assert box["bottom"] <= box["above"] + 4


@pytest.mark.parametrize("width", [1440, 768, 360])
def test_a_post_begins_with_its_title_standfirst_and_picture_and_no_line_is_torn(visit, width):
    page = visit("posts/2021/brief-introduction-to-cnn.html", width=width)
    page.evaluate("document.fonts.ready.then(() => 1)")
    box = {
        name: page.locator(f"article {name}").first.bounding_box()
        for name in ("h1", ".standfirst", ".meta", ".lead > .thumbnail")
    }
    description = page.locator("meta[name=description]").get_attribute("content")
    assert page.locator(".standfirst").inner_text() == description
    assert box["h1"]["y"] < box[".standfirst"]["y"] < box[".meta"]["y"]
    if picture := box[".lead > .thumbnail"]:  # a phone has no room for it
        assert picture["y"] + picture["height"] <= box[".standfirst"]["y"]
        assert width > 640
    else:
        assert width == 360
    facts = page.locator(".meta > *").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().bottom)"
    )
    lines = 1 + sum(below - above > 5 for above, below in pairwise(sorted(facts)))
    assert lines == (1 if width > 360 else 2)
    assert page.locator("article > .filed .tags a").count() == 3


def test_no_line_of_facts_about_a_post_begins_or_ends_with_a_dot(visit):
    page = visit("index.html", width=360)
    page.evaluate("document.fonts.ready.then(() => 1)")
    facts = page.locator(".card .meta").first
    facts.scroll_into_view_if_needed()
    *_, before, last = facts.locator("> *").all()
    line, below = before.bounding_box(), last.bounding_box()
    assert below["y"] > line["y"] + 10  # the last fact begins a line
    height = below["height"]
    for x, y in (
        (below["x"] - 16, below["y"]),
        (line["x"] + line["width"] + 1, line["y"]),
    ):
        strip = page.screenshot(clip={"x": x, "y": y, "width": 15, "height": height})
        assert len(Image.open(BytesIO(strip)).convert("RGB").getcolors()) == 1


@pytest.mark.parametrize("width", [1440, 1280, 768, 360])
def test_all_captions_begin_where_the_text_does(visit, width):
    page = visit("posts/2021/brief-introduction-to-cnn.html", width=width)
    left = page.locator("h2").first.bounding_box()["x"]
    captions = page.locator("figcaption:visible").all()
    assert len(captions) >= 5
    for caption in captions:
        assert caption.bounding_box()["x"] == pytest.approx(left, abs=1)


def test_a_wide_picture_is_seen_whole_on_a_tablet(visit):
    page = visit("posts/2021/brief-introduction-to-cnn.html", width=768)
    picture = page.locator("figure.wide img")
    box = picture.bounding_box()
    assert box["width"] >= 0.98 * picture.evaluate("image => image.naturalWidth")  # not shrunk
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 768


@pytest.mark.parametrize("name", ["snippets.html", "guide/write-a-post.html", "api/index.html"])
def test_no_displayed_code_is_cut_at_the_edge(visit, name):
    page = visit(name)
    code = page.locator("main div.highlight > pre:visible")
    assert code.count() > 1
    cut = code.evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)"
    )
    assert cut == []


def test_all_recipes_stand_in_the_contents_at_a_glance(visit):
    page = visit("snippets.html")
    contents = page.locator(".toc")
    assert contents.evaluate("toc => toc.scrollHeight <= toc.clientHeight")
    # The frame of the one in focus lies within the list, which would cut it off.
    page.keyboard.press("Tab")
    link = contents.locator("a:visible").first
    link.focus()
    assert link.evaluate("a => parseFloat(getComputedStyle(a).outlineOffset)") < 0


def test_with_letters_twice_as_large_a_post_does_not_scroll_sideways_on_a_phone(visit):
    page = visit("posts/2026/what-do-filters-see.html", width=360)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    width = "document.documentElement.scrollWidth"
    assert page.evaluate(f"document.fonts.ready.then(() => {width})") == 360

"""The page about the design states the measures that a post has."""

import pytest

DESIGN = "guide/design.html"
POST = "posts/2021/brief-introduction-to-cnn.html"
# Sizes and margins, in pixels, of elements as they stand in the text of a post.
MEASURE = """() => {
    const text = document.querySelector("article section");
    text.append(document.createElement("figure"));
    const PARAGRAPH = "p:not([class]) + p:not([class])";
    const px = (selector, of) => parseFloat(getComputedStyle(text.querySelector(selector))[of]);
    return {
        sizes: {
            "title": px("h1", "fontSize"), "heading": px("h2", "fontSize"),
            "small heading": px("h3", "fontSize"), "text": px(PARAGRAPH, "fontSize"),
            "note": px("details.hide > summary", "fontSize"),
        },
        spaces: {
            "above a heading": px("h2", "marginTop"),
            "around a figure": px(":scope > figure", "marginTop"),
            "between paragraphs": px(PARAGRAPH, "marginTop"),
            "below a heading": px("h2 + .headerlink + p", "marginTop"),
        },
    };
}"""
# Letters in a line, those that take up room: the median over all lines but the last of a paragraph.
LETTERS = """() => {
    const found = [];
    for (const p of [...document.querySelectorAll("article p:not([class])")].slice(0, 8)) {
        const walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT), lines = [];
        let bottom = -Infinity;
        while (walk.nextNode()) for (let i = 0; i < walk.currentNode.length; i++) {
            const range = document.createRange();
            range.setStart(walk.currentNode, i);
            range.setEnd(walk.currentNode, i + 1);
            const box = range.getBoundingClientRect();
            if (!box.width) continue;
            if (box.bottom > bottom + 9) lines.push(0), bottom = box.bottom;
            lines[lines.length - 1]++;
        }
        found.push(...lines.slice(0, -1));
    }
    return found.sort((a, b) => a - b)[found.length >> 1];
}"""


def test_the_design_page_shows_the_sizes_and_spaces_that_pages_have(visit):
    sizes, spaces = (
        label.removesuffix(".").split(": ")[1].split(", ")
        for label in visit(DESIGN)
        .locator('main svg[role="img"]')
        .evaluate_all("all => all.slice(0, 2).map(svg => svg.getAttribute('aria-label'))")
    )
    found = visit(POST).evaluate(MEASURE)
    assert sizes == [f"{name} {size:.0f}" for name, size in found["sizes"].items()]
    assert spaces == [f"{space:.0f} {name}" for name, space in found["spaces"].items()]


def test_the_design_page_states_the_measures_of_the_text(visit):
    page = visit(DESIGN)
    rows = [text.split("\t") for text in page.locator("main tr").all_inner_texts()]
    stated = {row[0].strip(): row[-1].strip() for row in rows}
    page = visit(POST)
    style = page.evaluate("getComputedStyle(document.body)")
    size, height = (float(style[key].removesuffix("px")) for key in ("fontSize", "lineHeight"))
    assert stated["text in pixels"] == f"{size:.0f}"
    assert stated["height of a line, in letters"] == f"{height / size:.2f}"
    for width in (1440, 768, 360):
        page = visit(POST, width=width)
        page.evaluate("document.fonts.ready.then(() => 1)")
        name = "letters a line on 1440" if width == 1440 else f"on {width}"
        assert page.evaluate(LETTERS) == pytest.approx(int(stated[name]), abs=2)


def test_pictures_grow_with_the_reader_s_letters(visit):
    page = visit("posts/2026/where-does-the-output-size-come-from.html", width=1440)
    widths = """() => [...document.querySelectorAll('article figure img')]
        .map(image => image.getBoundingClientRect().width).filter(width => width)"""
    before = page.evaluate(widths)
    page.evaluate("document.documentElement.style.fontSize = '38px'")
    grown = [after / own for own, after in zip(before, page.evaluate(widths), strict=True)]
    assert len(grown) > 10
    # The matrices have no room for twice their width.
    assert sorted(grown)[len(grown) // 2] == pytest.approx(2, abs=0.02)
    assert min(grown) >= 1

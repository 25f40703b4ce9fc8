"""The gallery of the post on output sizes: it rests until it is played, and opens what it shows."""

import re

import pytest

POST = "posts/2026/where-does-the-output-size-come-from.html"
CARD = "figure.try:has(figcaption b:text-is('{}'))"
OUTPUT = """() => [...document.querySelectorAll('cnn-explorer .y tr')]
    .map(row => [...row.querySelectorAll('td:not(.ring)')].map(cell => cell.textContent.trim()))
    .filter(row => row.length).map(row => row.join(', ')).join('; ')"""


def card(page, name):
    return page.locator(CARD.format(name))


@pytest.fixture
def gallery(visit):
    return lambda **options: visit(POST, **options)


def test_every_card_opens_the_playground_with_the_same_result(gallery, visit, address):
    page = gallery()
    cards = page.locator("figure.try")
    shown = [
        (one.locator("figcaption b").inner_text(), one.locator("a").get_attribute("href"),
         one.locator("img").last.get_attribute("alt"))
        for one in cards.all()
    ]  # fmt: skip
    assert len(shown) >= 19
    playground = visit("playground.html")
    playground.locator("cnn-explorer.live").wait_for()
    for name, link, alt in shown:
        playground.goto(f"{address}playground.html#{link.partition('#')[2]}")
        expected = re.search(r"Output, \d+ by \d+: (.*?)\. First step", alt)[1]
        playground.wait_for_function(f"expected => ({OUTPUT})() === expected", arg=expected)
        assert playground.evaluate(OUTPUT) == expected, name
    assert playground.logged == []


def test_a_card_rests_until_it_is_played(gallery):
    page = gallery()
    one = card(page, "Half padding, no strides")
    moving, still = one.locator("img").all()
    play, stop = (one.get_by_text(name, exact=True) for name in ("Play", "Stop"))
    assert (moving.is_visible(), still.is_visible()) == (False, True)
    assert (play.is_visible(), stop.is_visible()) == (True, False)
    place = "e => [e.offsetLeft, e.offsetTop]"
    before = play.evaluate(place)
    play.click()
    assert (moving.is_visible(), still.is_visible()) == (True, False)
    assert (play.is_visible(), stop.is_visible()) == (False, True)
    assert stop.evaluate(place) == before
    stop.click()
    assert (moving.is_visible(), still.is_visible()) == (False, True)


def test_a_card_is_played_by_keyboard(gallery):
    page = gallery()
    one = card(page, "Full padding, no strides")
    one.get_by_role("radio", name="Stop").focus()
    page.keyboard.press("ArrowLeft")
    assert one.get_by_role("radio", name="Play").is_checked()
    assert one.locator("img").first.is_visible()


def test_who_prefers_stillness_sees_the_last_step_and_no_switch(gallery):
    page = gallery(reduced_motion="reduce")
    one = card(page, "Padding, strides")
    assert one.locator("img").last.is_visible()
    assert not one.get_by_text("Play", exact=True).is_visible()
    assert not one.get_by_text("Stop", exact=True).is_visible()


@pytest.mark.parametrize("width", [360, 1440])
def test_cards_have_readable_numbers_and_stand_on_one_line(gallery, width):
    page = gallery(width=width)
    cards = page.locator("figure.try").evaluate_all(
        """cards => cards.map(card => {
            const image = card.querySelector('.stops > input:checked + label + img');
            const box = image.getBoundingClientRect(), title = card.querySelector('b');
            return {
                scale: 1.25 * box.width / image.getAttribute('width'),
                from: box.left - title.getBoundingClientRect().left,
                row: Math.round(title.getBoundingClientRect().top), top: Math.round(box.top),
            };
        })"""
    )
    assert len(cards) == 19
    for one in cards:
        assert 12 * one["scale"] >= 10  # the weights, which are the smallest
        assert abs(one["from"] + 4 * one["scale"]) <= 2  # the picture has a margin of 4
        assert {other["top"] for other in cards if other["row"] == one["row"]} == {one["top"]}


def test_wide_tables_and_pictures_show_on_a_phone_that_they_go_on(gallery):
    page = gallery(width=360)
    # The post's wide pictures have a drawing for phones: here is one as if it had none.
    page.evaluate(
        """() => {
            const picture = document.querySelector('figure.wide picture');
            const box = Object.assign(document.createElement('div'), {className: 'scroll'});
            box.append(picture.querySelector('img'));
            picture.replaceWith(box);
        }"""
    )
    for selector in ("#the-same-words-other-sizes .table-wrapper", "figure.wide > .scroll"):
        box = page.locator(selector).first
        hint = box.evaluate(
            """box => [box.scrollWidth - box.clientWidth, getComputedStyle(box).backgroundImage]"""
        )
        assert hint[0] > 0, selector
        assert hint[1].count("linear-gradient") == 2, selector


def test_cards_keep_their_room_while_their_pictures_are_not_there(gallery):
    page = gallery(width=360)
    heights = [
        image.evaluate("image => image.getBoundingClientRect().height")
        for image in page.locator("figure.try img:visible").all()
    ]
    assert min(heights) > 200


@pytest.mark.parametrize("width", [360, 1440])
def test_all_cards_have_one_scale(gallery, width):
    page = gallery(width=width)
    scales = page.locator("figure.try img:last-of-type").evaluate_all(
        "all => all.map(img => img.getBoundingClientRect().width / img.getAttribute('width'))"
    )
    assert len(scales) >= 19
    assert max(scales) - min(scales) < 0.01


def test_the_matrix_of_a_convolution_is_in_view_on_a_phone(gallery):
    page = gallery(width=360)
    picture = page.locator("#a-convolution-is-one-large-matrix figure img")
    picture.scroll_into_view_if_needed()
    loaded = "image => image.decode().then(() => image.currentSrc)"
    assert "-narrow" in picture.evaluate(loaded)
    box = picture.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


def test_where_there_is_room_no_card_is_out_of_view(gallery):
    page = gallery(width=1440)
    edges = page.locator(".cell_output:has(> .try + .try)").first.bounding_box()
    assert page.evaluate("document.documentElement.scrollHeight") < 21000
    for row in page.locator(".cell_output:has(> .try + .try)").all():
        assert row.evaluate("row => row.scrollWidth - row.clientWidth") <= 0
        for card in row.locator("figure.try").all():
            box = card.bounding_box()
            assert box["x"] >= edges["x"]
            assert box["x"] + box["width"] <= edges["x"] + edges["width"]
        # No card stands alone on its line, and four begin at two edges.
        boxes = [card.bounding_box() for card in row.locator("figure.try").all()]
        tops = [round(box["y"]) for box in boxes]
        assert min(map(tops.count, tops)) >= 2
        if len(boxes) == 4:
            assert len({round(box["x"]) for box in boxes}) == 2


def test_formulas_of_the_table_of_libraries_are_not_broken(gallery):
    page = gallery(width=360)
    cells = page.locator("#the-same-words-other-sizes td + td")
    heights = cells.evaluate_all(
        """all => all.map(cell => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return range.getBoundingClientRect().height;
        })"""
    )
    assert len(heights) == 39
    assert max(heights) < 40


@pytest.mark.parametrize("width", [360, 1024])
def test_cards_stand_in_rows_that_scroll_sideways(gallery, width):
    page = gallery(width=width)
    rows = page.locator(".cell_output:has(> .try + .try)")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # 19 cards of 600 pixels would take 11,000 below each other.
    assert page.evaluate("document.documentElement.scrollHeight") < 21000
    for row in rows.all():
        tops = row.locator("b").evaluate_all("all => all.map(b => b.getBoundingClientRect().top)")
        assert len({round(top) for top in tops}) == 1
    # A card out of view comes into it with the focus, as by the tab key.
    last = rows.first.locator("figure a").last
    last.focus()
    box, edges = last.bounding_box(), rows.first.bounding_box()
    assert edges["x"] <= box["x"] <= edges["x"] + edges["width"] - box["width"] / 2

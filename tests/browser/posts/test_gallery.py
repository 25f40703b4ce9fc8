"""The cases of the post on output sizes: one is chosen, rests until played, opens what it shows."""

import re

import pytest

POST = "posts/2026/where-does-the-output-size-come-from.html"
CARD = "figure.try:has(figcaption b:text-is('{}'))"
OUTPUT = """() => [...document.querySelectorAll('cnn-explorer .y tr')]
    .map(row => [...row.querySelectorAll('td:not(.ring)')].map(cell => cell.textContent.trim()))
    .filter(row => row.length).map(row => row.join(', ')).join('; ')"""


def choose(page, name):
    """Choose a case, and return its figure."""
    page.locator(".cases > label").filter(has_text=re.compile(rf"^{re.escape(name)} \d")).click()
    return page.locator(CARD.format(name))


@pytest.fixture
def gallery(visit):
    return lambda **options: visit(POST, **options)


def test_every_card_opens_the_playground_with_the_same_result(gallery, visit, address):
    page = gallery()
    cards = page.locator("figure.try")
    shown = [
        (one.locator("figcaption b").text_content(), one.locator("a").get_attribute("href"),
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
    one = choose(page, "Half padding, no strides")
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
    one = choose(page, "Full padding, no strides")
    one.get_by_role("radio", name="Stop").focus()
    page.keyboard.press("ArrowLeft")
    assert one.get_by_role("radio", name="Play").is_checked()
    assert one.locator("img").first.is_visible()


def test_who_prefers_stillness_sees_the_last_step_and_no_switch(gallery):
    page = gallery(reduced_motion="reduce")
    one = choose(page, "Padding, strides")
    assert one.locator("img").last.is_visible()
    assert not one.get_by_text("Play", exact=True).is_visible()
    assert not one.get_by_text("Stop", exact=True).is_visible()


# Each case, once it is chosen: the size of its numbers, and where it, its list and the rest are.
CASES = """() => [...document.querySelectorAll('.cases')].flatMap(list => {
    const box = one => one.getBoundingClientRect(), top = box(list).top;
    return [...list.querySelectorAll(':scope > label')].map(label => {
        label.control.click();
        const figure = [...list.querySelectorAll('figure')].filter(one => box(one).height);
        const image = figure[0].querySelector('.stops > input:checked + label + img');
        const at = box(image), title = box(figure[0].querySelector('figcaption'));
        return {
            name: label.firstChild.nextSibling.textContent.trim(), shown: figure.length,
            title: figure[0].querySelector('b').textContent, top: box(list).top - top,
            scale: 1.25 * at.width / image.getAttribute('width'), height: at.height,
            from: at.left - Math.min(title.left, at.left + 4), free: box(list).bottom - at.bottom,
            over: Math.max(at.right, title.right) - box(list).right, list: box(label).height,
            below: at.top - Math.max(title.bottom, box(label).bottom), wide: box(list).width,
        };
    });
})"""


@pytest.mark.parametrize("width", [360, 1024, 1440])
def test_one_case_is_shown_at_a_time_with_readable_numbers(gallery, width):
    page = gallery(width=width)
    cases = page.evaluate(CASES)
    assert len(cases) == 19
    assert [case["title"] for case in cases] == [case["name"] for case in cases]
    assert {case["shown"] for case in cases} == {1}
    assert len({round(case["scale"], 2) for case in cases}) == 1
    assert 12 * cases[0]["scale"] >= 10  # the weights, which are the smallest
    assert min(case["list"] for case in cases) >= 40  # for a finger
    for case in cases:
        assert abs(case["from"] + 4 * case["scale"]) <= 2 or width == 1440, case
        assert case["over"] <= 1, case
        assert case["top"] == 0, case  # nothing moves under the pointer
        assert case["height"] > 200, case  # also while its picture is not there
        # A small case leaves no void below it, except beside the list.
        assert case["free"] <= 40 or width == 1440, case
    # 19 cards of 600 pixels would take 11,000 below each other.
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("document.documentElement.scrollHeight") < {1440: 15500}.get(width, 19000)


def test_a_case_is_chosen_by_keyboard_and_without_scripts(gallery):
    page = gallery(java_script_enabled=False)
    first = page.locator(".cases").first
    first.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    assert first.get_by_role("radio", name="The same on a larger input 5 → 3").is_checked()
    assert first.locator("figcaption b:visible").all_text_contents() == [
        "The same on a larger input"
    ]


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


def test_the_matrix_of_a_convolution_is_in_view_on_a_phone(gallery):
    page = gallery(width=360)
    picture = page.locator("#a-convolution-is-one-large-matrix figure img")
    picture.scroll_into_view_if_needed()
    loaded = "image => image.decode().then(() => image.currentSrc)"
    assert "-narrow" in picture.evaluate(loaded)
    box = picture.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360


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

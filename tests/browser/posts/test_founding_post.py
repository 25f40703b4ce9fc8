"""The founding post as readers meet it, in a real browser."""

import pytest

from tests.browser.transfers import record_transfers

POST = "posts/2021/brief-introduction-to-cnn.html"
# Pictures load when they are near the screen: go to each, and wait until it is there.
SEE_ALL = """async () => {
    for (const image of document.images) {
        if (!image.checkVisibility()) continue;
        image.scrollIntoView();
        await image.decode().catch(() => {});
    }
    for (const late of document.querySelectorAll('cnn-explorer, cnn-question')) {
        if (!late.checkVisibility()) continue;
        late.scrollIntoView();
        await customElements.whenDefined(late.localName);
    }
    scrollTo(0, document.body.scrollHeight);
}"""
# A box that scrolls inside itself is fine; one that makes the page scroll sideways is not.
WIDER = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_it_loads_only_from_this_site_and_never_scrolls_sideways(visit, address, width, scheme):
    page = visit(POST, width=width, color_scheme=scheme)
    page.evaluate(SEE_ALL)
    assert page.evaluate(WIDER) <= 0
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.evaluate(SEE_ALL)
    assert page.evaluate(WIDER) <= 0
    broken = "[...document.images].filter(i => i.offsetParent && !i.naturalWidth).map(i => i.src)"
    assert page.evaluate(broken) == []
    assert all(url.startswith((address, "data:")) for url in page.requested)
    assert page.logged == []


def test_it_stays_below_350_kilobytes_when_read_to_its_end(visit):
    page = visit("404.html")
    received = record_transfers(page)
    page.goto(page.url.replace("404.html", POST))
    page.evaluate(SEE_ALL)
    page.wait_for_load_state("networkidle")
    weights = {address: size for address, _, size in received}
    assert any(address.endswith(".svg") for address in weights)
    assert sum(weights.values()) < 350_000


def luminance(page, selector, of):
    colour = page.evaluate(
        f"getComputedStyle(document.querySelector('{selector}')).{of}.match(/[\\d.]+/g).map(Number)"
    )
    return sum(colour[:3]) / 3


def test_dark_is_dark_and_light_is_light(visit):
    for scheme, dark in (("dark", True), ("light", False)):
        page = visit(POST, color_scheme=scheme)
        paper = luminance(page, "body", "backgroundColor")
        ink = luminance(page, "article p", "color")
        assert (paper < ink) is dark


def test_equations_break_between_terms_on_a_phone(visit):
    page = visit(POST, width=360)
    tops = page.evaluate(
        """() => [...document.querySelectorAll('ol.windows .equation')].slice(0, 4).map(sum => {
            const terms = [...sum.querySelectorAll('math')];
            return new Set(terms.map(term => Math.round(term.getBoundingClientRect().bottom))).size;
        })"""
    )
    assert all(lines >= 2 for lines in tops)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('article math')].filter(m => m.offsetParent !== null
            && m.getBoundingClientRect().right > document.documentElement.clientWidth).length"""
    )
    assert outside == 0


def test_it_can_be_read_without_javascript(visit):
    page = visit(POST, java_script_enabled=False)
    assert page.locator("h1").inner_text().startswith("Brief introduction")
    assert page.locator("ol.windows .equation").first.is_visible()
    page.locator("details.fold summary").first.click()
    assert page.locator("details.fold ol.windows").first.is_visible()


def shown_step(page):
    """Return which step the animation shows alone, or nothing if it plays."""
    source = page.locator(".animation img:visible").get_attribute("src")
    return source.partition("#step")[2]


def test_the_animation_can_be_stopped_at_any_step_without_javascript(visit):
    page = visit(POST, java_script_enabled=False)
    assert shown_step(page) == ""
    page.locator(".animation label", has_text="3").click()
    assert shown_step(page) == "3"
    page.keyboard.press("ArrowRight")
    assert shown_step(page) == "4"
    page.locator(".animation label", has_text="Play").click()
    assert shown_step(page) == ""


# What the moving parts of an animation look like at some times, in milliseconds.
LOOKS = """times => {
    const moving = document.getAnimations();
    return times.map(time => {
        for (const animation of moving) {
            animation.pause();
            animation.currentTime = time;
        }
        return moving.map(animation => {
            const style = getComputedStyle(animation.effect.target);
            return `${style.transform} ${style.visibility} ${style.opacity}`;
        }).join();
    });
}"""


def test_the_animation_moves_unless_the_reader_prefers_reduced_motion(visit):
    """The picture runs its own clock within the page, so its file is looked at by itself."""
    page = visit(POST, java_script_enabled=False)
    picture = page.locator(".animation img:visible")
    file = picture.evaluate("image => new URL(image.src).pathname.slice(1)")
    moving = visit(file)
    length = moving.evaluate("document.getAnimations()[0].effect.getTiming().duration")
    looks = moving.evaluate(LOOKS, [length * (step + 0.5) / 9 for step in range(9)])
    assert len(set(looks)) == 9
    assert moving.evaluate(LOOKS, [length * 0.5 / 9, length * 0.5 / 9])[0] == looks[0]
    assert visit(file, reduced_motion="reduce").evaluate("document.getAnimations().length") == 0
    page = visit(POST, java_script_enabled=False, reduced_motion="reduce")
    assert shown_step(page) == "9"
    page.locator(".animation label", has_text="5").click()
    assert shown_step(page) == "5"
    assert visit(f"{file}#step5").evaluate("document.getAnimations().length") == 0


def test_the_animation_stands_in_for_the_explorer_only_without_javascript(visit):
    page = visit(POST)
    assert page.locator("cnn-explorer").is_visible()
    assert not page.locator("figure.animation").is_visible()
    page = visit(POST, java_script_enabled=False)
    assert page.locator("cnn-explorer > svg").is_visible()
    assert page.locator("figure.animation").is_visible()


def test_the_network_stands_in_rows_on_a_phone_where_all_of_it_is_seen(visit):
    page = visit(POST, width=360)
    page.evaluate(SEE_ALL)
    image = page.locator("figure.wide img")
    assert "-narrow" in image.evaluate("image => image.currentSrc")
    box = image.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert box["height"] > box["width"]
    # Before the file has come, its place has the same shape.
    shape = page.locator("figure.wide source").evaluate("e => e.width / e.height")
    assert shape == pytest.approx(box["width"] / box["height"], rel=0.01)
    # On a tablet the strip would have letters of eight pixels.
    for width, shown in ((900, "-narrow"), (901, "-wide"), (1440, "-wide")):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(SEE_ALL)
        assert shown in page.locator("figure.wide img").evaluate("image => image.currentSrc")


def test_it_is_at_most_twelve_screens_on_a_phone_with_folds_closed(visit):
    page = visit(POST, width=360, height=800)
    page.evaluate(SEE_ALL)
    height = page.evaluate("document.querySelector('article').getBoundingClientRect().height")
    assert height <= 12 * 800


def test_folds_open_on_paper(visit):
    page = visit(POST)
    page.emulate_media(media="print")
    assert page.locator("details.fold .equation").last.is_visible()

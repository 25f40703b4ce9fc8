"""The small explorer on the front page moves until it is touched, in the place of its picture."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from blog.ext import hero
from cnnlib import conv2d

Y = conv2d(hero.INPUT, hero.KERNEL)
STATE = "document.querySelector('cnn-explorer').state"
BOX = "e => (({ x, y, width, height }) => [x, y, width, height])(e.getBoundingClientRect())"
# Counts the steps, without waiting for them.
STEPS = """() => {
    window.times = [];
    const real = window.setInterval;
    window.setInterval = (f, pace) => {
        window.times.push(pace);
        window.step = f;
        return real(() => {}, 1e6);
    };
}"""


@pytest.fixture
def front(visit):
    """Open the front page; `page.step()` moves the window as the clock would."""

    def open_front(clock=False, **options):
        page = visit("404.html", **options)
        if not clock:
            page.add_init_script(f"({STEPS})()")
        page.goto(page.url.replace("404.html", "index.html"))
        page.locator("cnn-explorer.live").wait_for()
        return page

    return open_front


def until(page, condition):
    """Wait until this is true; the site's security policy forbids Playwright to do so."""
    for _ in range(400):
        if page.evaluate(f"Boolean({condition})"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {condition}")


def output(page):
    return page.locator(".y td").all_text_contents()


def written(*entries):
    return [str(entry).replace("-", "−") for entry in entries]


def test_it_moves_by_itself_and_fills_the_output(front):
    page = front()
    until(page, "times.length")
    assert page.evaluate("times")
    assert all(1500 <= pace <= 2000 for pace in page.evaluate("times"))
    for number in range(1, Y.size):
        page.evaluate("step()")
        assert output(page)[: number + 1] == written(*Y.ravel()[: number + 1])
        assert set(output(page)[number + 1 :]) <= {""}
        row, col = divmod(number, 3)
        window = hero.INPUT[row : row + 2, col : col + 2]
        terms = [
            f"{a}·{f'({b})' if b < 0 else b}".replace("-", "−")
            for a, b in zip(window.ravel(), hero.KERNEL.ravel(), strict=True)
        ]
        shown = page.locator(".sums").inner_text().replace("\n", "").replace(" ", "")
        assert shown.endswith(f"={'+'.join(terms)}={written(Y[row, col])[0]}")
    page.evaluate("step()")  # and begins anew
    assert output(page) == [*written(Y[0, 0]), *[""] * 8]
    assert page.locator(".said").inner_text() == ""  # nothing is read aloud while it moves
    assert page.logged == []


def test_the_real_clock_moves_it(front):
    page = front(clock=True)
    until(page, f"{STATE}.at.join() === '0,1'")


def test_it_stops_once_touched(front):
    page = front()
    until(page, "times.length")
    page.evaluate("step()")
    page.locator(".y td").nth(4).click()
    assert page.locator("[data-act=play]").get_attribute("aria-label") == "Play"
    assert page.evaluate(f"{STATE}.at") == [1, 1]
    page.evaluate("scrollTo(0, 1e5)")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(200)
    assert page.locator("[data-act=play]").get_attribute("aria-label") == "Play"


def test_it_can_be_dragged_edited_and_paused(front):
    page = front()
    until(page, "times.length")
    pause = page.locator("[data-act=play]")
    pause.click()
    assert pause.get_attribute("aria-label") == "Play"
    cells = [page.locator(".x td").nth(number).evaluate(BOX) for number in (0, 10)]
    (x, y, side, _), (to_x, to_y, *_) = cells
    page.mouse.move(x + side / 2, y + side / 2)
    page.mouse.down()
    page.mouse.move(to_x + side / 2, to_y + side / 2, steps=5)
    page.mouse.up()
    assert page.evaluate(f"{STATE}.at") == [2, 2]
    page.locator(".x td").last.fill("3")
    changed = hero.INPUT.copy()
    changed[3, 3] = 3
    assert output(page)[8] == written(conv2d(changed, hero.KERNEL)[2, 2])[0]
    pause.click()
    assert pause.get_attribute("aria-label") == "Pause"


def test_it_pauses_out_of_view_and_goes_on_in_view(front):
    page = front(height=500)
    until(page, "document.querySelector('cnn-explorer').timer")
    page.evaluate("scrollTo(0, 1e5)")
    until(page, "!document.querySelector('cnn-explorer').timer")
    page.evaluate("scrollTo(0, 0)")
    until(page, "document.querySelector('cnn-explorer').timer")
    page.wait_for_timeout(500)
    assert page.locator(".said").inner_text() == ""


def test_it_rests_with_everything_shown_for_readers_who_prefer_reduced_motion(front):
    page = front(reduced_motion="reduce")
    assert output(page) == written(*Y.ravel())
    assert page.evaluate("times") == []
    assert page.evaluate(f"{STATE}.at") == [2, 2]


def edges(page, selector):
    """Return the edges of some elements together, from the upper left corner of the explorer."""
    boxes = np.array([one.evaluate(BOX) for one in page.locator(selector).all()])
    edges = np.r_[boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)]
    return edges - np.tile(page.locator("cnn-explorer").evaluate(BOX)[:2], 2)


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_it_takes_the_place_of_its_picture(front, visit, width):
    still = visit("index.html", width=width, java_script_enabled=False)
    page = front(width=width)
    for which, part in (("x", "input"), ("y", "output")):
        drawn = edges(still, f".motif .{part} rect")
        assert edges(page, f".{which} table") == pytest.approx(drawn, abs=3)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing(front, width, look):
    page = front(width=width, color_scheme=look)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()

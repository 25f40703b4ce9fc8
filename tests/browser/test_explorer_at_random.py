"""The explorer under random actions: after each, what it shows is what its pure functions say.

Other tests compare the pure functions with `cnnlib`; here the page is compared with them, in
whatever state typing, sliders, links and keys leave it.
"""

import random

import pytest

from cnnlib import conv2d
from cnnlib.explain import explorer, trace
from tests.browser.explorer_page import differences, make_page, set_slider

ACTIONS = 200
TYPED = ["5", "-3", "0.25", "a", "x_1", "", "-", "1e9", "<b>1</b>", "NaN", "−7", "1,2\n3,4", "½"]
TYPED += ["1/3", "3,5", "abc", "1e-7"]
PASTED = ["1 2 3\n4 5 6", "[[1, 2], [3, -4]]", "1\t2\n3\t4", "a b\nc d", "1 2\n3", "9" * 5000, ";"]
PASTED += ["1,5\t2,5", "tensor([[1., 2.]], dtype=torch.float64)", "1e-7 1/3"]
LINKS = [
    "op=max_pool2d&x=1,2;3,4&k=1&s=1,1&p=0,0&d=1,1&at=0,0",
    "op=conv_transpose2d&x=1,2;3,4&k=1,2;3,4&s=3,2&p=2,1&d=1,1&at=9,9",
    "op=conv2d&x=1,2,3;4,5,6;7,8,9&k=a,1;0,b&s=2,1&p=1,2&d=1,2&at=1,1",
    "op=conv2d&x=1e-7,0.0000001&k=-1e-7&s=1,1&p=0,0&d=1,1&at=0,0",
    "op=conv2d&x=&k=",
    "op=conv2d&x=1,-2,3;4,5,-6;7,8,9&k=1,1&s=1,1&p=1,1&d=1,1&at=1,1&after=bias,-2;relu;max,2,1",
    "op=conv2d&x=1,2,3;4,5,6;7,8,9&k=1,1&s=1,1&p=0,0&d=1,1&at=1,1&after=relu;relu",
    "__proto__=1",
]
KEYS = ["Tab", "Shift+Tab", "ArrowUp", "ArrowLeft", "ArrowRight", "ArrowDown", "Home", "End"]
KEYS += ["Control+End", "Enter", " ", "Escape", "Backspace", "Control+z"]
KEYS += ["Control+Shift+z", "Alt+ArrowUp", "Alt+Shift+ArrowDown"]

GUESSES = ["3", "-5", "1/3", "0,5", "x", "1e400"]
ACTS = ["type", "slide", "operate", "key", "tap", "form", "press", "link", "preset", "drag", "turn"]
ACTS += ["stage", "pick", "point", "make"]
WIDTHS = [360, 768, 1440]
# The browser tells of a new hash a little later.
FOLLOW = """link => new Promise(done => {
    const before = location.href;
    addEventListener('hashchange', () => done(), { once: true });
    location.hash = `#play?${link}`;
    if (location.href === before) done();
})"""
CELL = "(e, n) => { const td = e.querySelectorAll('td:not(.ring)'); td[n % td.length].focus(); }"


def act(page, chance):
    """Do one thing that a reader might do, and return what it was."""
    explorer = page.locator("cnn-explorer")  # the playground has a photograph, too
    what = chance.choice(ACTS)
    value = None
    if what == "type":
        value = (
            chance.choice(["cnn-explorer .x", "cnn-explorer .k"]),
            chance.randrange(50),
            chance.choice(TYPED),
        )
        if page.locator(value[0]).is_visible():
            page.locator(value[0]).evaluate(CELL, value[1])
            page.keyboard.insert_text(value[2]) if value[2] else page.keyboard.press("Delete")
    elif what == "slide":
        sliders = explorer.locator(".sliders input[type=range]:enabled")
        value = chance.randrange(sliders.count()), chance.randrange(13)
        set_slider(sliders.nth(value[0]), value[1])
    elif what == "operate":
        value = chance.randrange(4)
        explorer.locator(".op").select_option(index=value)
    elif what == "key":
        value = chance.choice(KEYS)
        page.keyboard.press(value)
    elif what == "tap" and explorer.locator(".y td:not(.ring)").count():
        entries = explorer.locator(".y td:not(.ring)")
        value = chance.randrange(entries.count())
        entries.nth(value).dispatch_event("click")
    elif what == "form":
        value = chance.choice(PASTED), chance.choice("xk")
        explorer.locator("textarea").fill(value[0])
        explorer.locator(f"form [name={value[1]}]").click()
    elif what == "press":
        value = chance.choice(["back", "next", "pin", "reset", "play", "picture", "rotate", "undo"])
        explorer.locator(f"[data-act={value}]").dispatch_event("click")
    elif what == "link":
        value = chance.choice(LINKS)
        page.evaluate(FOLLOW, value)
    elif what == "preset":
        value = chance.choice(["x", "k"]), chance.randrange(1, 5)
        if explorer.locator(f".preset[data-key={value[0]}]").is_visible():
            explorer.locator(f".preset[data-key={value[0]}]").select_option(index=value[1])
    elif what == "drag":
        value = chance.randrange(50), chance.randrange(-200, 200), chance.randrange(-200, 200)
        cells = page.locator("cnn-explorer :is(.x, .k):not([data-pool] .k) td:not(.ring)")
        cell = cells.nth(value[0] % cells.count())
        cell.scroll_into_view_if_needed()
        box = cell.bounding_box()
        page.mouse.move(box["x"] + 5, box["y"] + 5)
        page.mouse.down()
        page.mouse.move(box["x"] + value[1], box["y"] + value[2], steps=3)
        page.mouse.up()
        page.mouse.move(1, 1)
    elif what == "stage":
        value = chance.choice(["", "max", "avg"]), chance.choice(["0", "-2", "0.5"])
        explorer.locator("[name=pool]").select_option(value[0])
        explorer.locator("[name=bias]").fill(value[1])
        explorer.locator("[name=relu]").dispatch_event("click")
    elif what == "pick" and explorer.locator(".map td").count():
        value = chance.randrange(explorer.locator(".map td").count())
        explorer.locator(".map td").nth(value).dispatch_event("click")
    elif what == "point":
        value = (
            chance.choice([".stage .x td", "cnn-explorer .k:visible td", ".sums math"]),
            chance.randrange(9),
        )
        if page.locator(value[0]).count() > value[1]:
            page.locator(value[0]).nth(value[1]).dispatch_event(
                "pointerover", {"pointerType": "mouse"}
            )
            page.locator("cnn-explorer").dispatch_event("pointerleave", {"pointerType": "mouse"})
    elif what == "make" and explorer.locator("[data-act=fill]").count():
        value = chance.choice(["fill", "guess", "show", "guess", "show"])
        form = explorer.locator(".guess")
        if value == "fill":
            explorer.locator("[data-act=fill]").click()
        elif form.is_visible():
            form.locator("input").fill(chance.choice(GUESSES))
            form.locator("button").nth(int(value == "show")).click()
    elif what == "turn":
        value = chance.choice(WIDTHS)
        page.set_viewport_size({"width": value, "height": 900})
    return what, value


@pytest.mark.parametrize("seed", [5, 8])
def test_page_and_pure_functions_agree_after_random_actions(visit, seed):
    page = visit("playground.html", reduced_motion="reduce")
    page.locator("cnn-explorer.live").wait_for()
    act_at_random(page, seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_they_agree_where_readers_make_the_output(visit, address, seed):
    traced = trace(conv2d, [[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0]], [[1, -1], [2, -2]])
    asked = [(0, 1), (1, 0), (1, 2)]
    shown = explorer(traced, form="full", name="play", start_empty=True, ask=asked, letters=False)
    tag = shown.html.replace("<cnn-explorer", '<cnn-explorer id="play"')
    page = make_page(visit("404.html", reduced_motion="reduce"), address, [tag])
    act_at_random(page, seed)


def act_at_random(page, seed):
    chance, done = random.Random(seed), []
    for _ in range(ACTIONS):
        done.append(act(page, chance))
        assert differences(page) == [], done[-6:]
    assert page.logged == []

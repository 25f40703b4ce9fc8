"""The explorer as readers use it: by keyboard, by touch, without JavaScript, from a link."""

import functools
import json
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import ImageColor

from cnnlib import conv2d, max_pool2d
from cnnlib.explain.explorer import equation, explorer
from cnnlib.explain.palette import PALETTE
from cnnlib.explain.question import ask_choice, ask_pooling
from cnnlib.explain.scene import step_scene
from cnnlib.explain.svg import scene_svg
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import HEAD, make_page, set_slider, written_code
from tests.explain import explorer_vectors
from tests.explain.drawn import in_cells, read_scene_svg

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
Y = np.array([[20, 15, -2], [8, 10, 12], [3, 5, -4]])
PLAYGROUND = "playground.html"


def tag(shown, name):
    return shown.html.replace("<cnn-explorer", f'<cnn-explorer id="{name}"')


@pytest.fixture
def made(visit, address):
    """Open a page of our own making, with explorers on it, under the site's address."""

    def open_made(*tags, fragment="", script=True, **options):
        page = visit("404.html", **options)
        live = options.get("java_script_enabled", True)
        return make_page(page, address, tags, fragment, script, live)

    return open_made


@pytest.fixture
def compact(made):
    return lambda **options: made(tag(explorer(trace(conv2d, X, K)), "one"), **options)


CELLS = """rows => rows.map(row => [...row.querySelectorAll("td:not(.ring)")]
    .map(cell => cell.innerText.replace("−", "-")))"""


def output(page, scope="cnn-explorer"):
    return page.locator(f"{scope} .y tr:has(td:not(.ring))").evaluate_all(CELLS)


def numbers(page, scope="cnn-explorer"):
    return [[float(cell) for cell in row] for row in output(page, scope)]


def sums(page):
    return page.locator(".sums math").all_text_contents()


# By keyboard alone --------------------------------------------------------------------------------


def tab_to(page, selector):
    """Press Tab until the element has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never led to {selector}")


def test_every_number_can_be_changed_by_keyboard_and_the_output_follows(compact):
    page = compact()
    assert numbers(page) == Y.tolist()
    tab_to(page, ".x td")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("-9")
    changed = X.copy()
    changed[1, 1] = -9
    assert numbers(page) == trace(conv2d, changed, K).output.tolist()
    page.keyboard.press("Tab")  # one stop for each grid: on to the kernel
    assert page.evaluate("document.activeElement.ariaDescription") == "K row 1, column 1"
    page.keyboard.type("0.5")
    half = np.array([[0.5, 1], [0, -1]])
    assert numbers(page) == trace(conv2d, changed, half).output.tolist()
    assert page.logged == []


def test_arrow_keys_move_through_the_output_and_update_the_equation(compact):
    page = compact()
    tab_to(page, ".y td")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.ariaSelected") == "true"
    assert page.locator(".y [aria-selected=true]").inner_text() == "10"
    assert page.locator(".sums").inner_text().replace("\n", "").endswith("=10")
    assert page.locator(".x u").count() == 4
    page.locator(".said:not(:empty)").wait_for(state="attached")
    assert page.locator(".said").inner_text() == (
        "Output row 2, column 2: "
        "3 times 2, plus 4 times 1, plus 5 times 0, plus 0 times −1 equals 10."
    )
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert page.locator("[data-act=pin]").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Home")
    assert page.locator(".where").inner_text() == "4 of 9"


def test_invalid_numbers_are_reported_and_change_nothing(compact):
    page = compact()
    tab_to(page, ".x td")
    page.keyboard.type("7<b>")
    assert page.locator(".note.wrong").inner_text().startswith("An entry is a number")
    assert page.locator(".x [aria-invalid=true]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".x td").first.inner_text() == "7"
    assert numbers(page) == Y.tolist()


def test_all_controls_can_be_reached_by_keyboard(compact):
    page = compact()
    tab_to(page, ".stride input")
    page.keyboard.press("ArrowRight")
    assert numbers(page) == trace(conv2d, X, K, stride=2).output.tolist()
    tab_to(page, ".toggle")
    page.keyboard.press("Enter")
    tab_to(page, "[data-key=p]")
    page.keyboard.press("ArrowRight")
    wanted = trace(conv2d, X, K, stride=2, padding=1)
    assert numbers(page) == wanted.output.tolist()
    assert page.locator(".x .ring").count() == 20
    assert "stride=2, padding=1" in written_code(page)


# By touch, by mouse -------------------------------------------------------------------------------


def test_a_tap_shows_a_window_and_pins_nothing(compact):
    page = compact(has_touch=True, is_mobile=True, width=360, height=800)
    page.locator(".y td").nth(4).tap()
    assert page.locator("[data-act=pin]").get_attribute("aria-pressed") == "false"
    assert page.locator(".where").inner_text() == "5 of 9"
    page.locator("[data-act=next]").tap()
    assert page.locator(".where").inner_text() == "6 of 9"
    boxes = [
        e.bounding_box() for e in page.locator("button:visible, td:visible, select:visible").all()
    ]
    assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes)


def test_pointing_at_an_output_shows_its_window_and_at_an_input_its_outputs(compact):
    page = compact()
    page.locator(".y td").nth(8).hover()
    assert page.locator(".where").inner_text() == "9 of 9"
    page.locator(".x td").nth(5).hover()
    assert page.locator(".y .lit").count() == 4
    page.mouse.move(1, 1)
    assert page.locator(".y .lit").count() == 0
    assert page.locator(".where").inner_text() == "1 of 9"


def test_play_stops_at_the_end_and_announces_only_the_end(compact):
    page = compact()
    page.clock.install()
    page.evaluate("""() => {
        window.heard = [];
        new MutationObserver(() => heard.push(document.querySelector(".said").textContent))
            .observe(document.querySelector(".said"), {childList: true});
    }""")
    page.locator("[data-act=play]").click()
    assert page.locator("[data-act=play]").get_attribute("aria-label") == "Pause"
    page.clock.run_for(3400)
    assert page.locator(".where").inner_text() == "4 of 9"
    page.clock.run_for(20000)
    assert page.locator(".where").inner_text() == "9 of 9"
    assert page.locator("[data-act=play]").get_attribute("aria-label") == "Play"
    assert page.evaluate("heard.length") == 1
    page.locator("[data-act=play]").click()
    assert page.locator(".where").inner_text() == "1 of 9"


def test_play_stops_off_screen_and_when_the_explorer_is_removed(compact):
    page = compact()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div id=far></div>')")
    page.evaluate("document.querySelector('#far').style.marginTop = '4000px'")
    page.locator("[data-act=play]").click()
    page.evaluate("scrollTo(0, 4000)")
    page.locator("[data-act=play][aria-label=Play]").wait_for(state="attached")
    page.evaluate("scrollTo(0, 0)")
    page.locator("[data-act=play]").click()
    assert (
        page.evaluate("""() => {
        const one = document.querySelector("cnn-explorer");
        one.remove();
        return one.timer;
    }""")
        == 0
    )


# Take the window at once to where it is sliding.
FINISH = """() => new Promise(done => requestAnimationFrame(() => {
    for (const moving of document.getAnimations()) moving.finish();
    done();
}))"""


def test_the_window_stays_where_it_is_while_padding_and_stride_change(made):
    """What a reader looks at stays in place; only its row and column in the output change."""
    x = np.arange(36).reshape(6, 6)
    page = made(tag(explorer(trace(conv2d, x, K), form="full"), "one"))
    page.locator(".y td").nth(12).click()
    _, *terms = sums(page)
    for key, value, name in (("p", 1, "4,4"), ("p", 0, "3,3"), ("s", 2, "2,2"), ("s", 1, "3,3")):
        page.locator(f".sliders [data-key={key}]").first.fill(str(value))
        page.evaluate(FINISH)
        assert sums(page) == [f"Y{name}", *terms]
        parts = [page.locator(f".x {part}").bounding_box() for part in ("i", "td:text-is('14')")]
        assert all(abs(parts[0][axis] - parts[1][axis]) < 4 for axis in "xy")
        chosen = page.locator(".y [aria-selected=true]")
        assert chosen.inner_text() == page.locator(".y .now").inner_text()
        assert all(
            abs(page.locator(".y i").bounding_box()[a] - chosen.bounding_box()[a]) < 4 for a in "xy"
        )
    assert page.logged == []


# Links --------------------------------------------------------------------------------------------


def test_a_link_restores_the_state_beside_another_explorer(made):
    one, two = explorer(trace(conv2d, X, K)), explorer(trace(max_pool2d, X, 2))
    tags = tag(one, "one"), tag(two, "two")
    link = "#two?op=avg_pool2d&x=1,2;3,4&k=1,1;1,1&s=1,1&p=0,0&d=1,1&at=0,0"
    page = made(*tags, fragment=link)
    assert numbers(page, "#one") == Y.tolist()
    assert numbers(page, "#two") == [[2.5]]
    assert page.logged == []


def test_a_preset_adds_to_the_history_and_typing_does_not(compact):
    page = compact()
    before = page.evaluate("history.length")
    page.locator(".x td").first.fill("8")
    page.wait_for_function("location.hash.startsWith('#one?op=conv2d&x=8,9')")
    assert page.evaluate("history.length") == before
    page.locator(".toggle").click()
    page.locator(".preset[data-key=x]").select_option("count")
    assert page.evaluate("history.length") == before + 1
    assert page.locator(".x td").nth(5).inner_text() == "6"
    page.go_back()
    page.wait_for_function("document.querySelectorAll('.x td')[5].textContent === '3'")
    assert page.locator(".x td").first.inner_text() == "8"


def test_a_hostile_link_is_refused_in_a_sentence(compact):
    bad = "#one?op=conv2d&x=%3Cimg src=x onerror=alert(1)%3E&k=1&s=1,1"
    page = compact(fragment=bad)
    assert page.locator(".note.wrong").inner_text().startswith("An entry is a number")
    assert numbers(page) == Y.tolist()
    assert page.locator("cnn-explorer img").count() == 0
    assert page.logged == []


def copy(page, what):
    page.locator(f"[data-act={what}]").click()
    page.locator(f"[data-act={what}][data-done]").wait_for()
    return page.evaluate("navigator.clipboard.readText()")


def test_code_is_written_once_its_place_is_shown_and_follows_each_change(compact):
    page = compact()
    assert not any("/code.js" in url for url in page.requested)
    page.locator(".toggle").click()
    assert "K = np.array([[2, 1],\n              [0, -1]])" in written_code(page)
    page.locator(".k td").first.fill("5")
    assert "K = np.array([[5, 1],\n              [0, -1]])" in written_code(page)
    assert "K = torch.tensor([[5, 1]," in page.locator("pre").nth(1).inner_text()
    assert page.logged == []


def test_equation_code_and_link_can_be_taken_along(compact):
    page = compact(permissions=["clipboard-read", "clipboard-write"])
    page.locator(".toggle").click()
    copied = functools.partial(copy, page)
    assert copied("tex") == equation(trace(conv2d, X, K), (0, 0)).tex
    assert copied("cnnlib") == written_code(page)
    assert copied("link").endswith(
        "#one?op=conv2d&x=7,9,1,4;5,3,4,8;2,5,0,4;6,6,5,8&k=2,1;0,-1&s=1,1&p=0,0&d=1,1&at=0,0"
    )


@pytest.mark.parametrize("mode", [0, 1])
def test_the_picture_that_is_copied_shows_what_the_scene_shows(made, mode):
    """In the colours of the page: as a file of its own, it has no variables."""
    page = made(
        tag(explorer(trace(conv2d, X, K), form="full"), "one"),
        permissions=["clipboard-read", "clipboard-write"],
        color_scheme=["light", "dark"][mode],
    )
    names = {f"rgb{ImageColor.getrgb(pair[mode])}": name for name, pair in PALETTE.items()}
    for state in (
        {"op": "conv2d", "p": [1, 0], "s": [1, 2], "at": [2, 1]},
        {"op": "convolve2d", "x": [["a", 2, 3], [4, 5, "b_2"]], "at": [0, 1]},
        {"op": "conv_transpose2d", "s": [3, 2], "p": [1, 0], "at": [1, 3]},
        {"op": "max_pool2d", "p": [1, 1], "s": [2, 2], "at": [0, 0]},
        {"op": "avg_pool2d", "s": [3, 3], "at": [0, 0]},
    ):
        state = {"x": X.tolist(), "k": K.tolist(), "s": [1, 1], "p": [0, 0], "d": [1, 1]} | state
        page.evaluate("state => document.querySelector('#one').setState(state)", state)
        copied = copy(page, "svg")
        page.wait_for_function("!document.querySelector('[data-done]')")
        assert "var(" not in copied
        named = re.sub(r"rgb\(.*?\)", lambda colour: f"var(--{names[colour[0]]})", copied)
        scene = step_scene(explorer_vectors.trace_of(state), tuple(state["at"]))
        wanted = read_scene_svg(scene_svg(scene, attributes=' xmlns="http://www.w3.org/2000/svg"'))
        assert in_cells(read_scene_svg(named)[2]) == in_cells(wanted[2]), state
    assert page.logged == []


LOOK = """picture => [...picture.querySelectorAll("rect, text, tspan")].map((shape) => {
    const style = getComputedStyle(shape);
    const font = shape.matches("rect") ? [] : ["fontSize", "fontWeight", "fontStyle"];
    return ["fill", "fillOpacity", "stroke", "strokeWidth", "strokeOpacity", "strokeDasharray",
        "x", "y", "width", "height", "textAnchor", "transform", "opacity", "visibility", "display",
        "letterSpacing", ...font].map((name) => `${name}: ${style[name]}`).join("; ");
})"""


def test_styles_of_the_page_leave_the_picture_alone(made, chromium):
    """The picture without JavaScript looks as on a page that defines the colours and no more."""
    shown = explorer(trace(conv2d, X, K, padding=1, stride=3))
    styles = '<link rel="stylesheet" href="_static/explorer.css">'  # may come before the script
    page = made(styles, tag(shown, "one"), java_script_enabled=False)
    bare = chromium.new_page()
    palette = "".join(f"--{name}:{light};" for name, (light, _) in PALETTE.items())
    bare.set_content(f"<style>:root {{ {palette} font: 17px serif }}</style>{shown.html}")
    looks = [one.locator("cnn-explorer > svg").evaluate(LOOK) for one in (page, bare)]
    assert looks[0] == looks[1]
    assert len(looks[0]) > 90
    bare.close()


@pytest.mark.parametrize(
    ("typed", "shown", "value"),
    [
        ("1/3", "0.333333", 0.333333),
        ("3,5", "3.5", 3.5),
        ("1e-7", "1e−7", 1e-7),
        ("-.5", "−0.5", -0.5),
    ],
)
def test_fractions_and_decimal_commas_can_be_typed(compact, typed, shown, value):
    page = compact()
    tab_to(page, ".x td")
    page.keyboard.type(typed)
    page.keyboard.press("Tab")
    assert page.locator(".x td").first.inner_text() == shown
    assert page.evaluate("document.querySelector('#one').state.x[0][0]") == value
    page.wait_for_function("location.hash.length > 9")
    page.reload()
    page.locator("cnn-explorer.live").wait_for()
    assert page.locator(".x td").first.inner_text() == shown


def test_what_is_no_entry_leaves_the_cell_as_it_was(compact):
    """Though its first letter alone would be one."""
    page = compact()
    tab_to(page, ".x td")
    page.keyboard.type("abc")
    assert page.locator(".note.wrong").inner_text().startswith("An entry is a number")
    assert numbers(page) == Y.tolist()
    page.keyboard.press("Tab")
    assert page.locator(".x td").first.inner_text() == "7"


def test_a_number_with_a_decimal_comma_is_pasted_into_its_cell(compact):
    page = compact(permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('2,5')")
    tab_to(page, ".x td")
    page.keyboard.press("Control+v")
    assert page.evaluate("document.querySelector('#one').state.x[0]") == [2.5, 9, 1, 4]
    page.evaluate("navigator.clipboard.writeText('1,5\\t2,5\\n3\\t4')")
    page.keyboard.press("Control+v")
    page.wait_for_function("document.querySelectorAll('.x td').length === 4")
    assert page.locator(".x td").all_inner_texts() == ["1.5", "2.5", "3", "4"]


def test_a_grid_that_changes_under_the_cursor_keeps_it(compact):
    page = compact()
    page.locator(".toggle").click()
    page.locator(".x td").nth(15).focus()
    page.keyboard.type("-")  # nothing yet, and then the cell is gone
    set_slider(page.locator(".sliders [data-key=x]").first, 2)
    assert page.evaluate("document.activeElement.ariaDescription") == "X row 2, column 2"
    assert numbers(page) == trace(conv2d, X[:2, :2], K).output.tolist()
    page.locator(".preset[data-key=x]").select_option("letters")
    page.locator(".preset[data-key=x]").select_option("")
    assert output(page)[0][0] == "Y₁₁"
    assert page.logged == []


def test_a_cleared_cell_shows_its_number_again_when_another_grid_changes(compact):
    page = compact()
    page.locator(".toggle").click()
    page.locator(".x td").first.focus()
    page.keyboard.press("Delete")  # an empty cell is refused, with a message
    set_slider(page.locator(".sliders [data-key=k]").first, 3)
    page.keyboard.press("Tab")
    assert page.locator(".x td").first.inner_text() == "7"


def test_a_focused_cell_whose_grid_changes_is_updated_when_it_loses_focus(compact):
    page = compact()
    page.locator(".x td").first.focus()
    page.evaluate("location.hash = '#one?op=conv2d&x=1,2;3,4&k=2&s=1,1&p=0,0&d=1,1&at=0,0'")
    page.wait_for_function("document.querySelectorAll('.x td').length === 4")
    page.keyboard.press("Tab")
    assert page.locator(".x td").all_inner_texts() == ["1", "2", "3", "4"]


def test_a_link_that_takes_the_focused_cell_away_is_followed(made):
    page = made(tag(explorer(trace(conv2d, X, K)), "one"))
    page.locator(".x td").nth(15).focus()
    link = "#one?op=conv_transpose2d&x=1,2;3,4&k=1,2;3,4&s=3,2&p=2,1&d=1,1&at=9,9"
    page.evaluate("link => { location.hash = link; }", link)
    page.wait_for_function("document.querySelector('.op').value === 'conv_transpose2d'")
    assert page.locator(".where").inner_text() == "2 of 2"
    assert page.logged == []


# All of it, against cnnlib ------------------------------------------------------------------------


# Move the sliders to a setting, as far as each one's limits allow. More than once, since what a
# slider may reach depends on the others. Returns where they stand.
SLIDE = """(explorer, wanted) => {
    const values = {};
    for (let turn = 0; turn < 4; turn++)
        for (const slider of explorer.querySelectorAll(".sliders input[type=range]")) {
            const { key, axis } = slider.dataset;
            if (!(key in wanted)) continue;
            const aim = Math.max(+slider.min, Math.min(wanted[key][axis], +slider.max));
            if (aim !== +slider.value) {
                slider.value = aim;
                slider.dispatchEvent(new Event("input", { bubbles: true }));
            }
            (values[key] ??= [])[axis] = aim;
        }
    return values;
}"""
TYPESET = "all => all.map(math => math.innerHTML)"


def test_fifty_settings_through_the_controls_give_what_cnnlib_gives(visit):
    page = visit(PLAYGROUND)
    explorer = page.locator("cnn-explorer.live")
    explorer.wait_for()
    explorer.locator(".both").uncheck()
    vectors = map(explorer_vectors.vector, explorer_vectors.settings(120, seed=2))
    shown = [vector for vector in vectors if "why" not in vector][:50]
    assert len(shown) == 50
    for vector in shown:
        st = vector["state"]
        explorer.locator("[data-act=reset]").click()
        flip = st["op"] == "convolve2d"
        explorer.locator(".op").select_option("conv2d" if flip else st["op"])
        if flip:
            explorer.locator(".flip").check()
        for key in "xk":
            explorer.locator("textarea").fill(json.dumps(st[key]))
            explorer.locator(f"form [name={key}]").click()
        explorer.evaluate(SLIDE, {key: st[key] for key in "spd"})
        row, col = st["at"]
        entries = explorer.locator(".y tr:has(td:not(.ring))").nth(row).locator("td:not(.ring)")
        entries.nth(col).click(force=True)
        got = output(page)
        assert [len(got), len(got[0])] == vector["shape"], st
        for line, wanted in zip(got, vector["output"], strict=True):
            for cell, value in zip(line, wanted, strict=True):
                if value is not None:
                    shown_value = float(cell.replace("∞", "inf"))
                    assert f"{shown_value:.6g}" == f"{float(value):.6g}", st
        html = explorer.locator(".sums math").evaluate_all(TYPESET)
        assert html == vector["mathml"], st
    assert page.logged == []


# Where there is less ------------------------------------------------------------------------------


def test_without_javascript_picture_and_equation_are_there(compact):
    page = compact(java_script_enabled=False)
    assert page.locator("cnn-explorer > svg").is_visible()
    assert page.locator("cnn-explorer > .equation").inner_text().replace("\n", "").endswith("=20")
    assert page.locator("cnn-explorer button").count() == 0


def test_the_script_is_loaded_once_when_an_explorer_is_near_the_screen(made):
    far = '<p style="margin-bottom: 5000px">Above</p>'
    tags = [tag(explorer(trace(conv2d, X, K)), name) for name in ("one", "two")]
    page = made(*tags)
    assert sum(url.endswith("/explorer.js") for url in page.requested) == 1
    assert page.locator("cnn-explorer.live").count() == 2
    page = made(far, *tags, fragment="#two?" + "op=conv2d&x=1&k=1")  # a link to one fetches it
    assert page.locator("#two .y td").inner_text() == "1"


def test_nothing_is_loaded_far_from_the_screen(visit, address):
    page = visit("404.html")
    body = HEAD + '<p style="margin-bottom: 5000px">Above</p>' + explorer(trace(conv2d, X, K)).html
    body += '<script src="_static/explorer-loader.js" defer></script>'
    page.route("**/made.html", lambda r: r.fulfill(body=body, content_type="text/html"))
    page.goto(address + "made.html", wait_until="networkidle")
    assert not any("/explorer.js" in url or "/explorer.css" in url for url in page.requested)
    page.evaluate("scrollTo(0, 5000)")
    page.locator("cnn-explorer.live").wait_for()


def test_explorers_on_a_page_do_not_disturb_each_other(made):
    page = made(*(tag(explorer(trace(conv2d, X, K)), name) for name in ("one", "two")))
    page.locator("#one .x td").first.fill("0")
    page.locator("#one [data-act=play]").click()
    assert numbers(page, "#two") == Y.tolist()
    assert page.locator("#two .where").inner_text() == "1 of 9"
    assert page.locator("#two [data-act=play]").get_attribute("aria-label") == "Play"


@pytest.mark.parametrize("width", [360, 1440])
def test_the_largest_state_scrolls_inside_itself(visit, width):
    twelve = ";".join([",".join(["-99.25"] * 12)] * 12)
    page = visit(f"{PLAYGROUND}#play?op=conv2d&x={twelve}&k=1,2;3,4&p=3,3", width=width)
    page.locator("cnn-explorer.live .y tr:nth-child(17)").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_no_motion_for_readers_who_prefer_reduced_motion(compact):
    moving = "getComputedStyle(document.querySelector('.x i')).transitionDuration"
    assert "0.25s" in compact().evaluate(moving)
    assert compact(reduced_motion="reduce").evaluate(moving) == "0s"


def test_a_question_is_answered_before_it_is_revealed(made):
    question = ask_pooling(trace(max_pool2d, [[3, 1], [4, 2]], 2), (0, 0), average=True)
    page = made(tag(explorer(trace(conv2d, X, K)), "one"), question.html)
    said = page.locator("cnn-question [role=status]")
    page.locator("cnn-question input").fill("4")
    page.keyboard.press("Enter")
    assert said.inner_text() == "Not quite: that is the maximum."
    assert not page.locator("cnn-question details p").is_visible()
    page.locator("cnn-question input").fill("10/4")
    page.locator("cnn-question button").click()
    assert said.inner_text() == "Yes, that is right."
    assert page.locator("cnn-question details p").is_visible()


def test_a_choice_is_answered_with_buttons(made):
    choices = {"the mean": "an average is never above the maximum", "the maximum": ""}
    question = ask_choice("Which is larger?", choices, answer="the maximum", because="Always.")
    page = made(tag(explorer(trace(conv2d, X, K)), "one"), question.html)
    said = page.locator("cnn-question [role=status]")
    page.get_by_role("button", name="the mean").click()
    assert said.inner_text() == "Not quite: an average is never above the maximum."
    assert not page.locator("cnn-question details p").is_visible()
    page.get_by_role("button", name="the maximum").focus()
    page.keyboard.press("Enter")
    assert said.inner_text() == "Yes, that is right."
    assert page.locator("cnn-question details p").is_visible()


# For everyone -------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["light", "dark", "forced"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing(visit, look, width):
    colours = {"forced_colors": "active"} if look == "forced" else {"color_scheme": look}
    page = visit(PLAYGROUND, width=width, **colours)
    page.locator("cnn-explorer.live").wait_for()
    page.locator(".sliders [data-key=p]").first.fill("1")
    page.locator(".y td").nth(3).click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("look", ["light", "dark"])
def test_axe_finds_nothing_in_the_compact_form_and_a_question(made, look):
    question = ask_pooling(trace(max_pool2d, [[3, 1], [4, 2]], 2), (0, 0), average=True)
    page = made(tag(explorer(trace(conv2d, X, K)), "one"), question.html, color_scheme=look)
    page.locator("cnn-question form").wait_for()
    found = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()

"""The reader makes the output: entries are shown once the window was there, or after a guess."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from cnnlib import avg_pool2d, conv2d
from cnnlib.explain.explorer import explorer
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import make_page, set_slider

X = np.array([[0, 4, 9, 8], [3, 9, 9, 2], [8, 9, 5, 0], [9, 7, 0, 0]])
K = np.array([[1, -1], [2, -2]])
Y = trace(conv2d, X, K).output
TEXTS = "e => [...e.querySelectorAll('td')].map(td => td.textContent)"
LABELS = "e => [...e.querySelectorAll('td')].map(td => td.ariaLabel)"


@pytest.fixture
def made(visit, address):
    """Open a page with an explorer whose output readers make."""

    def open_made(traced=None, fragment="", width=1440, start_empty=True, late="", **options):
        traced = traced or trace(conv2d, X, K)
        shown = explorer(traced, start_empty=start_empty, **options).html
        tag = shown.replace("<cnn-explorer", '<cnn-explorer id="one"')
        page = visit("404.html", width=width)
        if late:  # the test says when this script comes
            page.held = []
            page.route(late, lambda route: page.held.append(route))
        return make_page(page, address, [tag], fragment)

    return open_made


def output(page):
    return page.locator(".y").evaluate(TEXTS)


def entries(*places):
    """Return what the output shows if these entries are made, given as their numbers."""
    numbers = [str(entry).replace("-", "−") for entry in Y.ravel()]
    return [text if number in places else "" for number, text in enumerate(numbers)]


def press(page, act, times=1):
    for _ in range(times):
        page.locator(f"[data-act={act}]").click()


def test_the_output_fills_where_the_window_has_been(made):
    page = made()
    assert output(page) == entries(0)
    press(page, "next", 2)
    assert output(page) == entries(0, 1, 2)
    page.locator(".y td").nth(7).click()
    assert output(page) == entries(0, 1, 2, 7)
    page.locator(".y td").nth(7).press("ArrowLeft")
    assert output(page) == entries(0, 1, 2, 6, 7)
    assert page.logged == []


def test_dragging_fills_what_the_window_comes_over(made):
    page = made()
    cells = [page.locator(".x td").nth(number).bounding_box() for number in (0, 1, 5)]
    page.mouse.move(cells[0]["x"] + 20, cells[0]["y"] + 20)
    page.mouse.down()
    for box in cells[1:]:
        page.mouse.move(box["x"] + 20, box["y"] + 20, steps=3)
    page.mouse.up()
    assert output(page) == entries(0, 1, 4)


def test_playing_fills_all(made):
    page = made(trace(conv2d, X[:2], K))
    press(page, "play")
    page.locator("[data-act=fill]", has_text="Empty Y").wait_for()
    assert "" not in output(page)


def test_an_empty_entry_is_no_zero_and_says_so(made):
    page = made()
    assert page.locator(".y").evaluate(LABELS) == [None, *["empty"] * 8]
    assert 'gridcell "empty"' in page.locator(".y .scroll").aria_snapshot()
    levels = page.locator(".y td").evaluate_all("l => l.map(e => e.style.cssText)")
    assert all("level: 0" in level or not level for level in levels[1:])
    page.locator(".y td").nth(4).hover()  # pointing makes nothing
    assert output(page) == entries(0)


def test_entries_stay_made_while_numbers_and_stride_change(made):
    page = made()
    press(page, "next", 2)
    page.locator(".x td").first.fill("5")
    assert output(page)[:3] == ["−11", "−5", "15"]
    set_slider(page.locator(".stride input"), 2)
    assert output(page) == ["−11", "15", "", ""]
    set_slider(page.locator(".stride input"), 1)
    assert output(page)[:3] == ["−11", "−5", "15"]


def test_the_rest_is_filled_in_and_emptied_again(made):
    page = made()
    press(page, "next")
    before = page.locator("[data-act=fill]").bounding_box()
    press(page, "fill")
    assert output(page) == entries(*range(9))
    assert page.locator(".said").inner_text() == "All entries of Y are shown."
    assert page.locator("[data-act=fill]").inner_text() == "Empty Y"
    assert page.locator("[data-act=fill]").bounding_box() == before
    press(page, "fill")
    assert output(page) == entries(1)
    assert page.locator("[data-act=fill]").inner_text() == "Fill Y"


def test_starting_again_empties_the_output_and_asks_again(made):
    page = made(ask=[(0, 1)])
    page.locator(".y td").nth(4).click()  # pins the window
    press(page, "fill")
    assert output(page) == entries(*range(9))
    press(page, "reset")
    assert output(page) == [output(page)[0], "?", *[""] * 7]
    assert output(page)[0] == entries(0)[0]
    assert page.locator("[data-act=pin]").get_attribute("aria-pressed") == "false"


def test_a_question_does_not_pin_the_window_and_pointing_loses_no_answer(made):
    page = made(ask=[(0, 1)])
    pin = page.locator("[data-act=pin]")
    page.locator(".y td").nth(1).click()
    assert pin.get_attribute("aria-pressed") == "false"
    field = page.locator(".guess input")
    field.fill("7")
    page.locator(".y td").first.hover()
    assert not field.is_visible()
    page.locator(".note").hover()
    assert field.input_value() == "7"
    page.locator(".y td").first.click()  # an entry that does not ask
    assert pin.get_attribute("aria-pressed") == "true"


def test_links_and_undo_work(made):
    link = "op=conv2d&x=0,4,9,8;3,9,9,2;8,9,5,0;9,7,0,0&k=1,-1;2,-2&s=1,1&p=0,0&d=1,1&at=1,1"
    page = made(fragment=f"#one?{link}", offers=["kernels"])
    page.locator(".y td", has_text="8").wait_for()
    assert output(page)[4] == "8"
    page.locator(".shelf button").last.click()
    page.go_back()
    page.locator(".y td", has_text="8").wait_for()
    assert output(page)[4] == "8"
    assert page.evaluate("document.querySelector('cnn-explorer').state.k") == K.tolist()


def test_the_equation_can_be_in_numbers_only(made):
    page = made(letters=False)
    shown = page.locator(".sums .equation:visible").all_inner_texts()
    assert [text.replace("\n", "") for text in shown[1:]] == ["=0·1 +4·(−1) +3·2 +9·(−2)", "=−16"]


# Guesses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("−5", "Yes: the 4 products add up to −5."),
        ("-5.0", "Yes: the 4 products add up to −5."),
        ("½", "That is not a number."),
    ],
)
def test_a_guess_is_answered_in_a_sentence(made, typed, reply):
    page = made(ask=[(0, 1)])
    press(page, "next")
    assert output(page)[:2] == ["−16", "?"]
    assert page.get_by_label("What will stand here?").is_visible()
    assert not page.locator(".sums .equation").first.is_visible()
    page.get_by_label("What will stand here?").fill(typed)
    page.keyboard.press("Enter")
    expect(page.locator(".note")).to_have_text(reply)
    expect(page.locator(".said")).to_have_text(reply)
    number = "products" in reply
    assert output(page)[1] == ("−5" if number else "?")
    assert page.locator(".sums .equation").first.is_visible() is number
    assert page.evaluate("document.activeElement.matches('.y td')") is number


def test_a_first_wrong_guess_gets_a_second_try_with_the_products_listed(made):
    page = made(ask=[(0, 1)], letters=False)
    press(page, "next")
    note = page.locator(".note")
    expect(note).to_have_text("Row 1, column 2 is asked: type your answer below.")
    page.locator(".y td").nth(1).focus()
    page.keyboard.type("10")  # the first digit moves the focus
    page.keyboard.press("Enter")
    expect(note).to_have_text("Not 10. The products are 4·1, 9·(−1), 9·2, 9·(−2): add them up.")
    assert output(page)[1] == "?"
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    expect(note).to_have_text("Not 9: the 4 products add up to −5.")
    assert output(page)[1] == "−5"


@pytest.mark.parametrize(("button", "entry"), [("Check", "?"), ("Show me", "−5")])
def test_a_guess_is_judged_as_soon_as_its_script_has_come(made, button, entry):
    page = made(ask=[(0, 1)], letters=False, late="**/guess.js*")
    press(page, "next")
    page.get_by_label("What will stand here?").fill("10")
    page.get_by_role("button", name=button).click()
    assert output(page)[1] == "?"
    page.held[0].continue_()
    if button == "Check":
        expect(page.locator(".note")).to_contain_text("Not 10. The products are 4·1")
    expect(page.locator(".y td").nth(1)).to_have_text(entry)
    assert page.logged == []


def test_enter_on_a_question_moves_the_focus_to_its_field(made):
    page = made(ask=[(0, 1)])
    press(page, "next")
    page.locator(".y td").nth(1).focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "typed"
    assert output(page)[1] == "?"


def test_a_mean_may_be_rounded(made):
    page = made(trace(avg_pool2d, X, 3), ask=[(0, 0)])
    page.get_by_label("What will stand here?").fill("6.2")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".note")).to_have_text("Yes: the mean is 6.22222.")


def test_readers_can_be_shown_the_entry_or_go_on(made):
    page = made(ask=[(0, 1), (1, 0)])
    press(page, "next", 2)
    assert output(page)[:3] == ["−16", "?", "15"]
    press(page, "back")
    page.get_by_role("button", name="Show me").click()
    expect(page.locator(".y td").nth(1)).to_have_text("−5")
    assert "asked" not in page.locator(".note").inner_text()
    press(page, "fill")
    assert "?" not in output(page)


def test_playing_rests_at_a_question_and_goes_on_after_it(made):
    page = made(trace(conv2d, X[:2], K), ask=[(0, 1)])
    press(page, "play")
    page.locator(".sums.asking").wait_for()
    page.locator("[data-act=play][aria-label=Play]").wait_for()
    press(page, "play")
    page.locator(".y td.now", has_text="15").wait_for()
    assert output(page) == ["−16", "?", "15"]


def test_a_question_says_nothing_of_its_answer(made):
    page = made(ask=[(0, 1)])
    press(page, "next")
    page.locator(".said", has_text="What will stand here?").wait_for(state="attached")
    spoken = page.locator("cnn-explorer").aria_snapshot()
    assert "−5" not in spoken
    assert 'gridcell "not guessed yet"' in spoken


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_question_takes_no_more_room_than_the_equation(made, width):
    page = made(ask=[(0, 1)], width=width, letters=False)
    before = page.locator("cnn-explorer").bounding_box()
    press(page, "next")
    assert page.locator("cnn-explorer").bounding_box()["height"] == before["height"]
    form, sums = (page.locator(name).bounding_box() for name in (".guess", ".sums"))
    assert form["y"] + form["height"] <= sums["y"] + sums["height"]
    assert form["x"] + form["width"] <= sums["x"] + sums["width"]
    found = Axe().run(page, options={"rules": {"region": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()


def test_without_start_empty_only_questions_are_hidden(made):
    page = made(start_empty=False, ask=[(2, 2)])
    assert output(page) == [*entries(*range(8))[:8], "?"]

"""Animations of a post: they play until they are stopped, and each step has a button."""

POST = "posts/2026/how-does-a-network-learn-its-kernels.html"
SHOWN = "figure => [...figure.querySelectorAll('img')].findIndex(img => img.checkVisibility())"


def test_an_animation_is_stopped_and_played_by_a_finger(visit):
    page = visit(POST, width=360, has_touch=True)
    figure = page.locator("figure.animation").nth(1)
    figure.scroll_into_view_if_needed()
    play, stop = (figure.get_by_text(name, exact=True) for name in ("Play", "Stop"))
    # While it plays, the button stops it.
    assert (play.is_visible(), stop.is_visible()) == (False, True)
    place = stop.bounding_box()
    stop.tap()
    assert (play.is_visible(), stop.is_visible()) == (True, False)
    assert play.bounding_box() == place
    assert figure.evaluate(SHOWN) == 1
    # A step is called by its own number.
    figure.get_by_text("24", exact=True).tap()
    assert figure.evaluate(SHOWN) == figure.locator("img").count() - 1
    assert figure.locator("img:visible").get_attribute("alt").startswith("24 steps: error 0.")
    play.tap()
    assert (figure.evaluate(SHOWN), stop.is_visible()) == (0, True)
    heights = [label.bounding_box()["height"] for label in figure.locator("label:visible").all()]
    assert len(heights) == 11
    assert min(heights) >= 40


def test_an_animation_is_stopped_by_keyboard(visit):
    page = visit(POST)
    figure = page.locator("figure.animation").first
    figure.get_by_role("radio", name="Play").focus()
    page.keyboard.press("ArrowRight")
    assert figure.get_by_role("radio", name="Stop at 1", exact=True).is_checked()
    assert figure.evaluate(SHOWN) == 1
    page.keyboard.press("ArrowLeft")
    assert figure.evaluate(SHOWN) == 0
    stop = figure.get_by_text("Stop", exact=True)
    assert stop.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"


def test_who_prefers_stillness_sees_the_last_step_and_the_buttons_of_all(visit):
    figure = visit(POST, reduced_motion="reduce").locator("figure.animation").first
    assert figure.evaluate(SHOWN) == 4
    assert [label.inner_text() for label in figure.locator("label:visible").all()] == list("1234")

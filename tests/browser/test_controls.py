"""The look of controls is the same wherever they are."""

import pytest

PRESSED = """e => {
  const { backgroundColor, borderColor, boxShadow } = getComputedStyle(e);
  return [backgroundColor, borderColor, boxShadow].join();
}"""
TICKED = "e => getComputedStyle(e).backgroundColor"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_pressed_and_ticked_has_one_look(visit, scheme):
    page = visit("playground.html", color_scheme=scheme)
    page.locator("cnn-explorer.live").wait_for()
    page.locator("cnn-photograph").scroll_into_view_if_needed()
    page.locator("cnn-photograph.live").wait_for()
    page.locator("cnn-explorer [data-act=picture]").click()
    page.mouse.move(1, 1)
    pressed = page.locator("[aria-pressed=true]:visible")
    looks = {one.evaluate(PRESSED) for one in pressed.all()}
    assert pressed.count() >= 3  # of explorer and photograph
    assert len(looks) == 1
    ticked, blank = page.locator(".both"), page.locator(".flip")
    assert ticked.evaluate("e => getComputedStyle(e).appearance") == "none"
    assert ticked.evaluate(TICKED) != blank.evaluate(TICKED)
    # A browser that chooses the colours shows its own boxes, and tracks without thick parts.
    hint = page.locator(".sliders .hint")
    assert hint.is_visible()
    page.emulate_media(forced_colors="active")
    assert not hint.is_visible()
    assert ticked.evaluate("e => getComputedStyle(e).appearance") != "none"

"""The photograph in a browser: lens, controls, links, and pictures of one's own."""

import io
import random
import re
import unicodedata

import numpy as np
import pytest
from PIL import Image

from cnnlib import conv2d, max_pool2d, relu
from cnnlib.explain.explorer import KERNELS, explorer
from cnnlib.explain.photograph import photograph
from cnnlib.explain.photograph_picture import grey_pixels, map_pixels
from cnnlib.explain.trace import trace
from tests.browser.explorer_page import HEAD, set_slider

SOBEL = np.array(KERNELS["Vertical edges"])
# Pixels of a picture, row by row, as red, green and blue.
PIXELS = """canvas => [canvas.height, canvas.width,
    [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]]"""
STATE = "e => JSON.parse(JSON.stringify(e.photoState))"
RNG = np.random.default_rng(7)
COLOUR = RNG.integers(0, 256, (24, 30, 3))
GREY = RNG.integers(0, 256, (20, 16))
CHANNELS = ("red", "green", "blue")


@pytest.fixture
def shown(visit):
    """Return a function that opens the playground at its photograph."""

    def open_page(fragment="", **options):
        page = visit("playground.html" + fragment, **options)
        page.locator("cnn-photograph").scroll_into_view_if_needed()
        page.locator("cnn-photograph.live").wait_for()
        return page

    return open_page


@pytest.fixture
def made(visit, address):
    """Return a function that opens a page with a photograph of our own making."""

    def open_page(photo, fragment="", before="", **options):
        page = visit("404.html", **options)
        body = HEAD + before + photo.html.replace("<cnn-photograph", '<cnn-photograph id="here"')
        body += '</main><script src="_static/explorer-loader.js" defer></script>'
        page.route("**/made.html", lambda r: r.fulfill(body=body, content_type="text/html"))
        page.logged.clear()
        page.goto(address + "made.html" + fragment)
        page.locator("cnn-photograph.live").wait_for()
        return page

    return open_page


def pixels(page, which):
    """Return the pixels of one of the pictures, shape (height, width, 4)."""
    rows, cols, values = page.locator(f".picture.{which} canvas").evaluate(PIXELS)
    return np.array(values).reshape(rows, cols, 4)


def shows_image(page, values):
    """Whether the output shows values that are not negative as an image in grey."""
    found, wanted = pixels(page, "y").astype(int), grey_pixels(values).astype(int)
    same = np.abs(found[..., :3] - wanted[..., np.newaxis]).max() <= 1
    return same and (found[..., 3] == 255).all()


def shows(page, values):
    """Whether the output shows a map. A canvas rounds colours once multiplied by their opacity."""
    found, wanted = pixels(page, "y").astype(int), map_pixels(values).astype(int)
    colours = (found[..., :3] - wanted[..., :3]) * wanted[..., 3:] / 255
    return (found[..., 3] == wanted[..., 3]).all() and np.abs(colours).max() <= 1


def state(page):
    return page.locator("cnn-photograph").evaluate(STATE)


def wait_until(page, holds):
    """Wait until a condition holds: the page's policy forbids Playwright's own way of waiting."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("waited for five seconds")


def cells(page, which):
    """Return the numbers in the small matrix of a kind."""
    read = "table => [...table.rows].map(r => [...r.cells].map(c => c.textContent))"
    rows = page.locator(f".slices .{which} table").evaluate(read)
    return [[number(text) for text in row] for row in rows]


def number(text):
    return float(text.replace("−", "-"))


def at_entry(page, which, row, col):
    """Return the place on the screen of a pixel of a picture."""
    canvas = page.locator(f".picture.{which} canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    high, wide = canvas.evaluate("e => [e.height, e.width]")
    return box["x"] + box["width"] * (col + 0.5) / wide, box["y"] + box["height"] * (
        row + 0.5
    ) / high


def test_the_output_is_what_cnnlib_computes(made):
    page = made(photograph({"it": GREY}, SOBEL, form="full"))
    assert (pixels(page, "x")[..., 0] == GREY).all()
    assert shows(page, conv2d(GREY, SOBEL))
    set_slider(page.locator("[data-key=s]"), 2)
    set_slider(page.locator("[data-key=p]"), 1)
    set_slider(page.locator("[data-key=bias]"), -50)
    page.locator(".relu").check()
    page.locator(".pool").select_option(label="Max, 2×2")
    wanted = max_pool2d(relu(conv2d(GREY, SOBEL, stride=2, padding=1) - 50), 2)
    assert shows(page, wanted)
    padded = pixels(page, "x")
    assert (padded[1:-1, 1:-1, 3] == 255).all()
    assert (padded[0, :, 3] == 0).all()  # the padding stays clear
    assert page.locator(".high").inner_text() == str(wanted.max())
    assert page.locator(".low").inner_text() == "0"
    assert page.logged == []


def test_in_colour_three_slices_add_up(made):
    page = made(photograph({"it": COLOUR}, SOBEL, form="full", at=(3, 5)))
    page.locator(".colour").check()
    planes = COLOUR.transpose(2, 0, 1)
    wanted = sum(conv2d(plane, SOBEL) for plane in planes)
    assert shows(page, wanted)
    products = planes[:, 3:6, 5:8] * SOBEL
    tabs = page.locator(".tabs button")
    for name, tab, plane, own in zip(CHANNELS, tabs.all(), planes, products, strict=True):
        tab.click()
        assert tab.get_attribute("aria-pressed") == "true"
        assert tab.inner_text() == f"{name} {own.sum()}".replace("-", "−")
        assert page.locator(".slices .x b").inner_text() == f"{name} window"
        assert cells(page, "x") == plane[3:6, 5:8].tolist()
        assert cells(page, "y") == own.tolist()
    page.get_by_role("button", name="Red minus blue").click()
    middle = planes[:, 1:-1, 1:-1]
    assert shows(page, middle[0] - middle[2])
    tabs.nth(1).click()
    page.locator(".slices .k td").nth(4).fill("2.5")
    assert shows(page, middle[0] + 2.5 * middle[1] - middle[2])


def written(page, which):
    """Return the lines of an equation as text, without spaces and with plain letters."""
    lines = page.locator(f".{which} > div").all_inner_texts()
    return [re.sub(r"\s+", "", unicodedata.normalize("NFKC", line)) for line in lines]


def test_a_long_sum_is_short_until_all_products_are_asked_for(made):
    page = made(photograph({"it": COLOUR}, SOBEL, form="full", at=(3, 5), bias=20))
    assert page.locator("[data-act=all]").is_hidden()  # nine products are written out
    page.locator(".colour").check()
    products = COLOUR.transpose(2, 0, 1)[:, 3:6, 5:8] * SOBEL
    sums = products.sum(axis=(1, 2)).tolist()
    bracketed = [f"({own})" if own < 0 else str(own) for own in sums]
    total = "+".join(f"{name}{own}" for name, own in zip(CHANNELS, bracketed, strict=True))
    line = f"Y4,6={total}+20={sum(sums) + 20}".replace("-", "−")
    assert written(page, "sums:not(.all)") == [line]
    red, green, blue = (str(own).replace("-", "−") for own in sums)
    said = f"Row 4, column 6: red {red}, green {green}, blue {blue} and the bias 20 make "
    assert page.locator(".note").inner_text().startswith(said)
    fold = page.get_by_role("button", name="All 27 products")
    assert page.locator(".all").is_hidden()
    fold.click()
    assert fold.get_attribute("aria-expanded") == "true"
    lines = written(page, "all")
    assert [line.count("·") for line in lines] == [9, 9, 9]
    assert [line.rpartition("=")[2] for line in lines] == [red, green, blue]
    fold.click()
    assert page.locator(".all").is_hidden()
    page.locator(".colour").uncheck()
    set_slider(page.locator("[data-key=k]"), 5)
    assert page.locator(".sums:not(.all)").inner_text().count("⋯") == 1
    assert written(page, "sums:not(.all)")[0].count("·") == 3
    page.get_by_role("button", name="All 25 products").click()
    assert written(page, "all")[0].count("·") == 25
    page.locator(".pool").select_option(label="Average, 4×4")
    assert written(page, "sums:not(.all)")[1].count("⋯") == 1


def test_the_lens_follows_the_pointer_and_a_click_keeps_it(made):
    page = made(photograph({"it": GREY}, SOBEL, pool=("max", 2), offers=["pool"], at=(0, 0)))
    start = state(page)["at"]
    page.mouse.move(*at_entry(page, "x", 10, 6))  # the middle of the window of entry (9, 5)
    assert cells(page, "x") == GREY[9:12, 5:8].tolist()
    assert page.locator(".note").inner_text().startswith("Row 10, column 6: the sum of 9 products")
    page.mouse.move(1, 1)
    assert cells(page, "x") == GREY[:3, :3].tolist()
    assert state(page)["at"] == start
    page.mouse.click(*at_entry(page, "x", 10, 6))
    page.mouse.move(1, 1)
    assert state(page)["at"] == [9, 5]
    # An entry of the output leads back to the maximum that it came from.
    block = conv2d(GREY, SOBEL)[4:6, 8:10]
    row, col = np.unravel_index(block.argmax(), (2, 2))
    page.mouse.click(*at_entry(page, "y", 2, 4))
    assert state(page)["at"] == [4 + row, 8 + col]
    value = str(block.max()).replace("-", "−")
    assert written(page, "sums:not(.all)")[-1].endswith(f"={value}")


def test_keys_move_the_lens_and_the_sum_is_announced(made):
    page = made(photograph({"it": GREY}, SOBEL, at=(0, 0)))
    lens = page.get_by_role("application")
    lens.focus()
    for key in ("ArrowDown", "ArrowRight", "Shift+ArrowDown", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    assert state(page)["at"] == [10, 2]
    total = int(conv2d(GREY, SOBEL)[10, 2])
    said = f"Row 11, column 3: the sum of 9 products is {total}.".replace("-", "−")
    page.get_by_role("status").filter(has_text=said).wait_for(state="attached")
    for key, at in (("End", [10, 13]), ("Home", [10, 0]), ("Shift+ArrowUp", [0, 0])):
        page.keyboard.press(key)
        assert state(page)["at"] == at
    page.keyboard.press("ArrowUp")
    assert state(page)["at"] == [0, 0]


def test_a_finger_drags_the_lens_by_its_ring_and_taps_set_it(made):
    page = made(
        photograph({"it": GREY}, SOBEL), width=360, height=740, has_touch=True, is_mobile=True
    )
    page.touchscreen.tap(*at_entry(page, "x", 10, 6))
    assert state(page)["at"] == [9, 5]
    touch = "e => getComputedStyle(e).touchAction"
    assert page.locator(".picture.x .sheet").evaluate(touch) == "auto"  # a finger scrolls the page
    ring = page.locator(".grip")
    assert ring.evaluate(touch) == "none"
    assert ring.bounding_box()["width"] >= 44
    session = page.context.new_cdp_session(page)
    for kind, row, col in (("Start", 10, 6), ("Move", 12, 8), ("Move", 14, 9)):
        x, y = at_entry(page, "x", row, col)
        points = [{"x": x, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert state(page)["at"] == [13, 8]


def test_a_weight_is_typed_and_wrong_ones_are_refused(made):
    page = made(photograph({"it": GREY}, SOBEL))
    cell = page.locator(".slices .k td").first
    cell.fill("1/4")
    wanted = SOBEL.astype(float)
    wanted[0, 0] = 0.25
    assert shows(page, conv2d(GREY, wanted))
    for wrong in ("abc", "x", "1e9"):
        cell.fill(wrong)
        assert page.locator(".note.wrong").is_visible()
    assert shows(page, conv2d(GREY, wanted))
    cell.blur()
    wait_until(page, lambda: not page.locator(".note.wrong").count())
    assert cell.inner_text() == "0.25"


def test_undo_takes_back_what_was_chosen(shown):
    page = shown()
    first = state(page)
    page.get_by_role("button", name="Blur").click()
    page.get_by_role("button", name="Face", exact=True).click()
    assert state(page)["image"] == "face"
    page.go_back()
    wait_until(page, lambda: state(page)["image"] == "seven")
    assert state(page)["k"] == [KERNELS["Blur"]]
    page.go_back()
    wait_until(page, lambda: state(page)["k"] == first["k"])


def test_a_link_opens_the_state_that_it_names(shown):
    page = shown(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Face", exact=True).click()
    page.locator(".colour").check()
    page.locator("cnn-photograph .pool").select_option(label="Average, 2×2")
    page.locator("cnn-photograph [data-act=link]").click()
    page.locator("cnn-photograph [data-act=link][data-done]").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "#photo?image=face&k=" in link
    again = shown(link[link.index("#") :])
    assert state(again) == state(page)
    assert (pixels(again, "y") == pixels(page, "y")).all()


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("image=cat&k=1", "The image is one of seven, face, edge."),
        ("image=seven&k=<img src=x onerror=alert(1)>", "An entry is a number"),
        ("image=own&k=1", "Your own picture is not kept: choose it again."),
        ("k=1", "The image is one of"),
        ("%", "The kernel is a matrix"),
    ],
)
def test_hostile_links_change_nothing(shown, link, message):
    page = shown(f"#photo?{link}")
    assert page.locator("cnn-photograph .note.wrong").inner_text().startswith(message)
    assert state(page)["k"] == [SOBEL.tolist()]
    assert page.logged == []


def picture(width, height, mode="RGB"):
    """Return a file with a picture, and its pixels."""
    shape = (height, width, 4 if mode == "RGBA" else 3)
    values = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue(), values


GIVE = """([element, kind, bytes]) => {
    const file = new File([new Uint8Array(bytes)], 'mine.png', { type: 'image/png' });
    const data = new DataTransfer();
    data.items.add(file);
    const event = kind === 'drop'
        ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
        : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    element.dispatchEvent(event);
}"""


@pytest.mark.parametrize("way", ["file", "drop", "paste"])
def test_a_picture_of_ones_own_stays_in_the_page(shown, way):
    page = shown()
    content, values = picture(40, 30)
    before = list(page.requested)
    if way == "file":
        given = {"name": "mine.png", "mimeType": "image/png", "buffer": content}
        page.locator(".file input").set_input_files(given)
    else:
        element = page.locator("cnn-photograph").element_handle()
        page.evaluate(GIVE, [element, way, list(content)])
    wait_until(page, lambda: state(page)["image"] == "own")
    page.locator(".colour").check()
    assert (pixels(page, "x")[..., :3] == values).all()
    sobel = sum(conv2d(plane.astype(int), SOBEL) for plane in values.transpose(2, 0, 1))
    assert shows(page, sobel)
    assert page.requested == before  # nothing is sent or fetched
    page.wait_for_timeout(400)
    assert "own" not in page.url
    page.locator("cnn-photograph [data-act=link]").click()
    assert page.locator("cnn-photograph .note").inner_text() == (
        "A link cannot hold your own picture: it stays in your browser."
    )
    assert page.logged == []


def test_a_large_picture_is_scaled_down_and_other_files_are_refused(shown):
    page = shown()
    content, _ = picture(1200, 600)
    given = {"name": "mine.png", "mimeType": "image/png", "buffer": content}
    page.locator(".file input").set_input_files(given)
    wait_until(page, lambda: state(page)["image"] == "own")
    assert pixels(page, "x").shape == (128, 256, 4)
    page.locator(".file input").set_input_files(given | {"buffer": b"<svg onload=alert(1)>"})
    wrong = page.locator("cnn-photograph .note.wrong")
    wrong.wait_for()
    assert wrong.inner_text() == "This file is no picture that the browser can read."
    page.reload()  # the picture is not kept
    page.locator("cnn-photograph").scroll_into_view_if_needed()
    page.locator("cnn-photograph.live").wait_for()
    assert state(page)["image"] == "seven"


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_moves_while_a_control_is_dragged_from_end_to_end(shown, width):
    page = shown(width=width)
    page.get_by_role("button", name="Face", exact=True).click()
    place = "e => { const b = e.getBoundingClientRect(); return [b.x, b.y + scrollY, b.width]; }"
    moved = {}
    for key in ("k", "s", "p", "d", "bias"):
        slider = page.locator(f"cnn-photograph [data-key={key}]")
        ends = [int(slider.get_attribute(end)) for end in ("min", "max")]
        start, before = slider.input_value(), slider.evaluate(place)
        for value in np.linspace(*ends, 5).astype(int).tolist():
            set_slider(slider, value)
            if slider.evaluate(place) != before:
                moved[key] = value
        set_slider(slider, start)
    for control in (".relu", ".colour"):
        box = page.locator(f"cnn-photograph {control}")
        before = box.evaluate(place)
        box.check()
        if box.evaluate(place) != before:
            moved[control] = True
    assert moved == {}
    pictures = page.locator(".picture .frame").evaluate_all(
        "all => all.map(e => [e.offsetWidth, e.offsetHeight])"
    )
    assert pictures[0] == pictures[1]
    beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(beyond) == 0


# The places of what a reader uses, on the page, and the element's own height.
PLACES = """e => {
    const found = { height: e.offsetHeight };
    const used = '.set :is(button, input, select)';
    const parts = `.frame, .panel, .sums:not(.all), .set, .set > *, ${used}`;
    e.querySelectorAll(parts).forEach((part, n) => {
        const box = part.getBoundingClientRect();
        if (getComputedStyle(part).display === 'contents') return; // it has no box
        const place = [box.x, part.matches('.frame') ? 0 : box.y + scrollY, box.width];
        found[`${n} ${part.localName} ${part.className}`] = place.map(Math.round).join();
    });
    return found;
}"""


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_numbers_of_all_kernels_have_the_same_room(shown, width):
    page = shown(width=width, height=900)
    page.get_by_role("button", name="Face", exact=True).click()
    element, size = page.locator("cnn-photograph"), page.locator("[data-key=k]").last
    before, moved = element.evaluate(PLACES), {}
    for colour in (False, True):
        page.locator(".colour").set_checked(colour)
        for value in (3, 5, 7, 1):
            set_slider(size, value)
            for key in ("End", "Shift+ArrowDown", "Home"):
                page.locator(".picture.x .frame").press(key)
                if wrong := different(before, element.evaluate(PLACES)):
                    moved[colour, value, key] = wrong
            tables = page.locator(".slices").evaluate("e => [e.scrollWidth, e.clientWidth]")
            assert tables[0] <= tables[1]  # nothing is cut
    assert moved == {}
    page.locator(".relu").check()
    page.locator("cnn-photograph .pool").select_option(label="Max, 2×2")
    assert different(before, element.evaluate(PLACES)) == []


def different(before, after):
    """Return the names of what has moved."""
    return [name for name, place in before.items() if after.get(name) != place]


def test_on_a_phone_pictures_and_numbers_share_the_first_screen(shown):
    page = shown(width=360, height=800, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Face", exact=True).click()
    page.locator(".colour").check()
    set_slider(page.locator("cnn-photograph [data-key=k]"), 7)
    page.locator("cnn-photograph").evaluate("e => e.scrollIntoView({ behavior: 'instant' })")
    x, y = (page.locator(f".picture.{which} .frame").bounding_box() for which in "xy")
    assert x["y"] == y["y"]
    assert x["x"] + x["width"] < y["x"]
    numbers = page.locator(".slices").bounding_box()
    assert 0 <= y["y"] + y["height"] <= numbers["y"]
    assert numbers["y"] + numbers["height"] <= 800
    # Kernels stand in pairs, all of one width.
    kernels = page.locator(".set .shelf button").evaluate_all(
        "all => all.map(e => [e.offsetWidth, e.offsetTop])"
    )
    assert [top for _, top in kernels[:-1:2]] == [top for _, top in kernels[1::2]]
    assert max(width for width, _ in kernels) - min(width for width, _ in kernels) <= 1
    # The output stays in view, and hides nothing that has the focus.
    page.get_by_role("button", name="Blur").evaluate("e => e.scrollIntoView({ block: 'center' })")
    assert page.locator(".picture.y .frame").bounding_box()["y"] >= 0
    hidden = page.locator("cnn-photograph").evaluate(
        """e => [...e.querySelectorAll('.set :is(button, input, select), td[tabindex]')]
            .filter((part) => part.offsetParent && !part.disabled)
            .reverse()
            .filter((part) => {
                part.focus();
                const below = e.querySelector('.pictures').getBoundingClientRect().bottom;
                return part.getBoundingClientRect().top < below;
            }).map((part) => part.outerHTML)"""
    )
    assert hidden == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_zero_is_paper(made, scheme):
    edge = np.repeat([[80] * 6 + [200] * 6], 12, axis=0)
    page = made(photograph({"it": edge}, SOBEL), color_scheme=scheme)
    shot = page.locator(".picture.y .frame").screenshot()
    paper = page.locator("cnn-photograph").evaluate("e => getComputedStyle(e).backgroundColor")
    image = np.array(Image.open(io.BytesIO(shot)).convert("RGB"))
    assert image[12, 12].tolist() == [int(part) for part in re.findall(r"\d+", paper)[:3]]
    assert page.locator(".ramp").inner_text() == "0"


def test_the_lens_goes_to_a_telling_place_of_each_image(made):
    images = {"grey": GREY, "colour": COLOUR}
    page = made(photograph(images, SOBEL, form="full", at={"grey": (9, 7), "colour": (17, 2)}))
    assert state(page)["at"] == [9, 7]
    set_slider(page.locator("[data-key=s]"), 2)
    page.get_by_role("button", name="Colour", exact=True).click()
    assert state(page)["at"] == [8, 1]  # of 11 by 14 entries, in the place of 17, 2 of 22 by 28
    content, _ = picture(60, 44)
    given = {"name": "mine.png", "mimeType": "image/png", "buffer": content}
    page.locator(".file input").set_input_files(given)
    wait_until(page, lambda: state(page)["image"] == "own")
    assert state(page)["at"] == [16, 3]  # of 21 by 29
    page.get_by_role("button", name="Grey", exact=True).click()
    assert state(page)["at"] == [4, 3]


def test_nothing_is_loaded_far_from_the_screen(visit, address):
    page = visit("404.html")
    body = (
        HEAD + '<p style="margin-bottom: 5000px">Above</p>' + photograph({"it": GREY}, SOBEL).html
    )
    body += '<script src="_static/explorer-loader.js" defer></script>'
    page.route("**/made.html", lambda r: r.fulfill(body=body, content_type="text/html"))
    page.goto(address + "made.html", wait_until="networkidle")
    assert not any("photograph" in url or "/explorer.js" in url for url in page.requested)
    page.evaluate("scrollTo(0, 5000)")
    page.locator("cnn-photograph.live").wait_for()


def test_an_explorer_on_the_same_page_is_not_disturbed(made):
    before = explorer(trace(conv2d, GREY[:4, :4], SOBEL)).html
    page = made(photograph({"it": GREY}, SOBEL), before=before)
    page.locator("cnn-explorer.live").wait_for()
    page.get_by_role("button", name="Blur").click()
    assert page.locator("cnn-explorer .k td").first.inner_text() == "1"
    scripts = [url for url in page.requested if url.endswith("/explorer.js")]
    assert len(scripts) == 1
    assert page.logged == []


def test_without_javascript_the_picture_shows_the_initial_state(visit):
    page = visit("playground.html", java_script_enabled=False)
    svg = page.locator("cnn-photograph > svg")
    assert svg.is_visible()
    assert svg.get_attribute("aria-label").startswith("Input: Seven, 28×28 pixels.")
    assert page.locator("cnn-photograph button").count() == 0
    assert page.locator("cnn-photograph image").count() == 2


def test_in_a_notebook_it_brings_all_it_needs(chromium):
    page = chromium.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    outputs = photograph({"it": GREY}, SOBEL)._repr_html_()
    outputs += explorer(trace(conv2d, GREY[:4, :4], SOBEL))._repr_html_()
    page.set_content(f"<!doctype html><body>{outputs}")
    page.locator("cnn-photograph.live").wait_for()
    page.locator("cnn-explorer.live").wait_for()
    page.get_by_role("button", name="Blur").click()
    assert shows_image(page, conv2d(GREY, KERNELS["Blur"]))
    assert page.locator("cnn-photograph [data-act=link]").count() == 0
    padding = page.locator("cnn-photograph td").first.evaluate("e => getComputedStyle(e).padding")
    assert padding == "0px"
    assert faults == []
    page.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_page_and_pure_functions_agree_after_random_actions(shown, seed):
    page = shown(reduced_motion="reduce")
    chance, done = random.Random(seed), []
    for _ in range(40):
        done.append(act(page, chance))
        assert page.evaluate(DIFFERENCES) == [], done[-5:]
    assert page.logged == []


def act(page, chance):
    """Do one thing that a reader might do, and return what it was."""
    what = chance.choice(
        ["slide", "type", "choose", "kernel", "tick", "pool", "click", "key", "back", "slice"]
    )
    value = chance.randrange(50)
    inside = page.locator("cnn-photograph")
    if what == "slide":
        key = chance.choice(["k", "s", "p", "d", "bias"])
        set_slider(inside.locator(f"[data-key={key}]"), value - 20 if key == "bias" else value % 8)
    elif what == "type":
        text = chance.choice(["3", "-1", "0.5", "abc", "", "1e9", "1/3"])
        weights = inside.locator(".slices .k td")
        weights.nth(value % weights.count()).fill(text)
    elif what in ("choose", "kernel"):
        buttons = inside.locator(f"[data-act={'image' if what == 'choose' else 'kernel'}]:enabled")
        buttons.nth(value % buttons.count()).click()
    elif what == "tick":
        box = inside.locator(chance.choice([".relu", ".colour"]))
        if box.is_enabled():
            box.click()
    elif what == "pool":
        inside.locator(".pool").select_option(index=value % 5)
    elif what == "click":
        which = chance.choice("xy")
        box = inside.locator(f".picture.{which} .frame").bounding_box()
        page.mouse.click(box["x"] + 4 * value, box["y"] + 3 * value)
        page.mouse.move(1, 1)
    elif what == "key":
        inside.locator(".picture.x .frame").press(
            chance.choice(["ArrowUp", "Shift+ArrowRight", "End"])
        )
    elif what == "slice":
        buttons = inside.locator(".totals button:visible")
        if count := buttons.count():
            buttons.nth(value % count).click()
    elif what == "back":
        page.go_back()
        if not page.url.split("#")[0].endswith("playground.html"):
            page.go_forward()
            page.locator("cnn-photograph.live").wait_for()
        page.locator("cnn-photograph").scroll_into_view_if_needed()
    return what, value


# Where the page differs from what the pure functions say of its state.
DIFFERENCES = """async () => {
    const pure = await import('./_static/photograph.js');
    const el = document.querySelector('cnn-photograph');
    const { photoState: st, photo } = el;
    const found = [];
    const compare = (what, shown, wanted) =>
        JSON.stringify(shown) === JSON.stringify(wanted) || found.push([what, shown, wanted]);
    const geometry = pure.photoGeometry(st, photo);
    const drawn = (which) => {
        const canvas = el.querySelector(`.picture.${which} canvas`);
        return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data];
    };
    const images = { seven: 1, face: 3, edge: 1 };
    compare('link', pure.decodePhoto(pure.encodePhoto(st), images), st);
    // A canvas rounds colours that are not opaque: compare what two of them make of the pixels.
    const canvas = document.createElement('canvas');
    const same = (which, pixels, rows, cols) => {
        Object.assign(canvas, { width: cols, height: rows });
        const context = canvas.getContext('2d', { willReadFrequently: true });
        context.putImageData(new ImageData(pixels, cols, rows), 0, 0);
        const wanted = context.getImageData(0, 0, cols, rows).data;
        compare(which, String(drawn(which)) === String([...wanted]), true);
    };
    const input = pure.photoPixels(st, photo);
    same('x', input.pixels, input.rows, input.cols);
    if (geometry.why) {
        compare('why', el.querySelector('.note').textContent, geometry.why);
        return found;
    }
    const maps = pure.photoMaps(st, photo, geometry);
    const last = maps.at(-1);
    if (last.rows && last.cols) {
        same('y', pure.mapPixels(last, pure.largest(last), pure.isGrey(st)), last.rows, last.cols);
    }
    const slices = pure.slicesAt(st, photo, geometry, st.at);
    const written = [...el.querySelectorAll('.sums:not(.all) math')];
    const pieces = pure.photoEquation(st, slices, maps, st.at).flatMap((line) => line.pieces);
    compare('equation', written.map((math) => math.innerHTML), pieces.map((piece) => piece.mathml));
    const note = el.querySelector('.note');
    const words = pure.describePhoto(st, slices, maps, st.at);
    if (!note.matches('.wrong')) compare('words', note.textContent, words);
    if (!el.querySelector('.all').hidden) {
        const all = [...el.querySelectorAll('.all math')].map((math) => math.innerHTML);
        const every = pure.allProducts(slices).flatMap((line) => line.pieces);
        compare('all products', all, every.map((piece) => piece.mathml));
    }
    return found;
}"""

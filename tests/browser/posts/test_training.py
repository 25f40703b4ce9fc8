"""The training in the browser: a worker under the page's policy, compared with the build."""

import re

from playwright.sync_api import expect

NAME = "posts/2026/can-we-train-one-while-this-page-builds.html"


def test_a_reader_trains_by_keyboard_and_finds_the_build_s_weights(visit, address):
    page = visit(NAME)
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    element = page.locator("cnn-training")
    element.scroll_into_view_if_needed()
    run = element.locator("button.run")
    expect(run).to_have_text("Train 100 steps")
    # At rest, the axes and the first kernels are drawn.
    assert element.locator("svg text").all_text_contents()[-1] == "620 steps"
    assert element.locator("canvas.kernels").get_attribute("aria-label").startswith("8 kernels")
    # What is not compared yet and what differs nowhere do not look the same.
    tile = element.locator(".tiles i").first
    tile_text = "tile => getComputedStyle(tile, '::before').content"
    assert (element.locator(".tiles i").count(), tile.evaluate(tile_text)) == (8, "none")
    height = element.bounding_box()["height"]
    page.wait_for_load_state("networkidle")
    assert not any("training-worker" in url or url.endswith(".bin") for url in loaded)
    result, compared = element.locator("p[role=status]"), element.locator("p.compared")
    element.get_by_role("button", name="One step").focus()
    page.keyboard.press("Enter")
    # What it reads is counted after any number of steps, and what remains is said.
    expect(result).to_contain_text("Stopped after step 1 of 620. It reads ", timeout=60_000)
    expect(result).to_contain_text("Still to come: 99 to the comparison")
    expect(run).to_have_text("Train 99 steps")
    # The weights are loaded when they are compared.
    assert len([url for url in loaded if url.endswith(".bin")]) == 1
    element.get_by_role("button", name="To the end").focus()
    page.keyboard.press("Enter")
    pause = element.get_by_role("button", name="Pause")
    pause.wait_for()
    run.focus()
    page.keyboard.press("Enter")
    expect(result).to_contain_text("Stopped after")
    page.wait_for_timeout(1500)  # for the step that had begun
    stopped = element.locator("p.loss").inner_text()
    page.wait_for_timeout(300)
    assert element.locator("p.loss").inner_text() == stopped
    step = re.search(r"Step (\d+) of 620", stopped)[1]
    expect(result).to_contain_text(f"Stopped after step {step} of 620. It reads ")
    element.get_by_role("button", name="To the end").click()
    # On its way to the end it compares as well.
    expect(compared).to_contain_text("5,994 differences, all 0", timeout=120_000)
    assert compared.locator("b.right").inner_text() == "5,994 differences, all 0."
    assert tile.evaluate(tile_text) == '"0"'
    assert element.bounding_box()["height"] == height
    pause.click()
    expect(result).to_contain_text(re.compile(r"Still to come: \d+ to the end, about \d+ s\."))
    assert element.locator("svg").get_attribute("aria-label").startswith("The loss fell from")
    assert element.locator("canvas.kernels").get_attribute("aria-label").startswith("8 kernels")
    assert all(url.startswith((address, "data:", "blob:")) for url in loaded)
    element.get_by_role("combobox", name="Label of the first digit").select_option("0")
    expect(result).to_contain_text("The first digit is now labelled as a 0")
    expect(run).to_have_text("Train 100 steps")
    assert compared.text_content() == ""
    assert tile.evaluate(tile_text) == "none"

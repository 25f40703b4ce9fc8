"""The training in the browser: a worker under the page's policy, compared with the build."""

from playwright.sync_api import expect

NAME = "posts/2026/can-we-train-one-while-this-page-builds.html"


def test_a_reader_trains_by_keyboard_and_finds_the_build_s_weights(visit, address):
    page = visit(NAME)
    loaded = []
    page.on("request", lambda request: loaded.append(request.url))
    element = page.locator("cnn-training")
    element.scroll_into_view_if_needed()
    run = element.get_by_role("button", name="Train 100 steps")
    run.wait_for()
    page.wait_for_load_state("networkidle")
    assert not any("training-worker" in url or url.endswith(".bin") for url in loaded)
    result = element.locator("p[role=status]")
    element.get_by_role("button", name="One step").focus()
    page.keyboard.press("Enter")
    expect(result).to_contain_text("1 step.", timeout=60_000)
    # The weights are loaded when they are compared.
    assert len([url for url in loaded if url.endswith(".bin")]) == 1
    run.focus()
    page.keyboard.press("Enter")
    pause = element.get_by_role("button", name="Pause")
    pause.wait_for()
    page.keyboard.press("Enter")
    expect(result).to_contain_text("Paused after")
    page.wait_for_timeout(1500)  # for the step that had begun
    stopped = element.locator("p.loss").inner_text()
    page.wait_for_timeout(300)
    assert element.locator("p.loss").inner_text() == stopped
    page.keyboard.press("Enter")
    expect(result).to_contain_text("5,994 differences, all 0", timeout=120_000)
    assert element.locator("svg").get_attribute("aria-label").startswith("The loss fell from")
    assert element.locator("canvas.kernels").get_attribute("aria-label").startswith("8 kernels")
    assert all(url.startswith((address, "data:", "blob:")) for url in loaded)
    element.get_by_role("combobox", name="The first digit is a").select_option("0")
    expect(result).to_contain_text("From now on the first digit is called a 0")
    expect(element.get_by_role("button", name="Train 100 steps")).to_be_visible()

"""Every page in a real browser: safe, accessible to all, light, and still while it loads."""

import os
import posixpath
import re
from pathlib import Path

import axe_playwright_python
import pytest

from blog.measure import audit

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
POST = "posts/2021/brief-introduction-to-cnn.html"
KILOBYTE = 1000
# Folds and further controls open, and alive what comes alive near the screen.
OPEN = """async () => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    for (const late of document.querySelectorAll('cnn-explorer, cnn-question')) {
        late.scrollIntoView();
        await customElements.whenDefined(late.localName);
    }
    for (const more of document.querySelectorAll('[aria-expanded="false"]')) more.click();
    scrollTo(0, 0);
}"""
# Letters of equations and words of code that stand in the same elements, with the same classes, as
# three before them: what is true of those is true of these.
ALIKE = """() => {
    const seen = {};
    for (const leaf of document.querySelectorAll('math *, math, pre span, main td, main rect')) {
        let path = '';
        for (let up = leaf; up !== document.body; up = up.parentElement)
            path += `${up.localName}.${up.getAttribute('class') ?? ''} `;
        seen[path] = (seen[path] ?? 0) + 1;
        if (seen[path] > 3) leaf.dataset.alike = '';
    }
}"""
BROKEN = """async context => {
    const found = await axe.run(context, {resultTypes: ['violations']});
    return found.violations.flatMap(kind => kind.nodes.map(
        node => `${kind.id}: ${node.target} ${node.failureSummary.split('\\n')[1]}`));
}"""
SHIFTS = """addEventListener('DOMContentLoaded', () => { window.shifts = 0; });
new PerformanceObserver(list => { for (const one of list.getEntries())
    if (!one.hadRecentInput) window.shifts = (window.shifts || 0) + one.value;
}).observe({type: 'layout-shift', buffered: true});"""
SCROLL = """async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 400) {
        scrollTo(0, y);
        await new Promise(done => setTimeout(done, 60));
    }
}"""


@pytest.fixture(scope="module")
def names(site):
    """Return all pages; of the modules' sources, which are alike, one."""
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    sources = [name for name in found if name.startswith("_modules/cnnlib")]
    return [name for name in found if name not in sources[1:]]


@pytest.fixture(scope="module")
def packed(site):
    """Serve the site as a good host does: packed, with the headers that it asks for."""
    with audit.serve(site) as address:
        yield address


WIDTHS = (1440, 360)
COLOURS = (("light", "none"), ("dark", "none"), ("light", "active"))
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TALLEST = "Math.max(0, ...[...document.images].map(image => image.offsetHeight))"


def weigh(page):
    """Collect what a page asks for, as (address, kind, bytes as packed)."""
    asked = []
    session = page.context.new_cdp_session(page)

    def note(said):
        answer = said["response"]
        size = next((v for k, v in answer["headers"].items() if k.lower() == "content-length"), 0)
        if not answer["url"].startswith("data:"):
            asked.append((answer["url"], said["type"], int(size)))

    session.on("Network.responseReceived", note)
    session.send("Network.enable")
    return asked


def judge(page, name, wrong):
    """Run axe-core on a page in each mode, all open; and see that nothing sticks out."""
    page.evaluate(OPEN)
    page.evaluate(AXE)
    context = {"include": [["html"]]}  # all of it once, in the first mode
    for width in WIDTHS:
        for scheme, forced in COLOURS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, forced_colors=forced)
            found = page.evaluate(BROKEN, context)
            wrong += [f"{name} {width} {scheme} {forced}: {w}" for w in found]
            if "exclude" not in context:
                page.evaluate(ALIKE)
                context["exclude"] = [["[data-alike]"]]
        if page.evaluate(BEYOND) > 0:
            wrong.append(f"{name} {width}: scrolls sideways")
    page.emulate_media(media="print")
    if page.evaluate(TALLEST) > 900:  # of the 1000 or so that a sheet has
        wrong.append(f"{name}: a picture is taller than a sheet of paper")
    page.emulate_media(media="screen")


@pytest.fixture(scope="module")
def visits(chromium, packed, names):
    """Visit each page once, for the first time: what it asked for, its shift, what is wrong."""
    visits = {}
    for name in names:
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(SHIFTS)
        page, wrong = context.new_page(), []
        page.on("console", lambda said, wrong=wrong: wrong.append(said.text))
        page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        asked = weigh(page)
        page.goto(packed + name, wait_until="networkidle")
        first, shift = list(asked), page.evaluate("window.shifts || 0")
        judge(page, name, wrong)
        visits[name] = (first, shift, wrong)
        context.close()
    return visits


def test_nobody_is_kept_out_of_any_page_and_no_policy_is_broken(visits):
    assert {name: wrong for name, (_, _, wrong) in visits.items() if wrong} == {}


def test_every_page_is_light_at_first_and_asks_no_other_host(visits, packed):
    heavy = {}
    for name, (asked, _, _) in visits.items():
        weight = sum(size for *_, size in asked) / KILOBYTE
        scripts = sum(size for _, kind, size in asked if kind == "Script") / KILOBYTE
        if weight > 85 or len(asked) > 16 or scripts > 25:
            heavy[name] = [round(weight, 1), len(asked), round(scripts, 1)]
        assert all(url.startswith(packed) for url, *_ in asked), name
    assert heavy == {}


def test_nothing_moves_while_a_page_loads(visits):
    assert {name: shift for name, (_, shift, _) in visits.items() if shift > 0.0005} == {}


def test_a_picture_opened_on_its_own_is_set_in_its_own_letters(chromium, packed, site):
    source = re.search(r'<img src="([^"#]+\.svg)"', (site / POST).read_text("utf-8"))[1]
    page = chromium.new_page()
    page.goto(packed + posixpath.normpath(posixpath.join(posixpath.dirname(POST), source)))
    page.wait_for_timeout(200)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    text = session.send("DOM.querySelector", {"nodeId": root, "selector": "text"})
    fonts = session.send("CSS.getPlatformFontsForNode", text)["fonts"]
    assert [font["isCustomFont"] for font in fonts] == [True]  # no letter from another font
    page.close()


def test_without_scripts_the_playground_still_shows_its_equations(chromium, packed):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(packed + "playground.html")
    assert page.locator("cnn-explorer .equation:visible").count() == 9
    context.close()


def test_the_founding_post_read_to_its_end_is_light(chromium, packed):
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    asked = weigh(page)
    page.goto(packed + POST)
    page.evaluate(SCROLL)
    page.wait_for_load_state("networkidle")
    context.close()
    assert sum(size for *_, size in asked) < 350 * KILOBYTE


def test_no_script_holds_a_page_up(site, names):
    for name in names:
        text = (site / name).read_text("utf-8")
        for tag in text.split("<script ")[1:]:
            opening = tag.split(">")[0]
            assert " defer" in opening or 'type="module"' in opening, (name, opening)


@pytest.mark.parametrize(
    "name", ["front page", "founding post", "playground", "snippets", "a tag", "the library"]
)
def test_lighthouse_finds_nothing_to_complain_of(chromium, packed, site, name):
    why = audit.install_tools()
    if why:
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    assert (site / audit.PAGES[name]).exists()
    report = audit.run_lighthouse(packed + audit.PAGES[name], only=audit.CATEGORIES[1:])
    assert audit.failed_audits(report) == []
    assert set(audit.scores(report).values()) == {100}


def test_code_is_copied_without_prompts(chromium, packed):
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(packed + "api/convolution.html")
    code = page.locator(".highlight:has(.gp)").first
    prompted = [line for line in code.inner_text().splitlines() if line.startswith((">>>", "..."))]
    button = code.get_by_role("button", name="Copy the code")
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Copied").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines() == [line[4:] for line in prompted]
    context.close()


def test_a_citation_leads_to_its_entry_and_back_by_keyboard(chromium, packed):
    page = chromium.new_page()
    page.goto(packed + "guide/design.html")
    page.locator("a", has_text="[Machado et al. 2009]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#machado")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == "Back to the text"
    page.keyboard.press("Enter")
    page.wait_for_url("**#id1")
    assert page.locator("#id1").inner_text() == "[Machado et al. 2009]"
    page.close()


@pytest.mark.parametrize(
    ("words", "found", "said"),
    [
        ("introduction", "Brief introduction to Convolutional Neural Networks", "two operations"),
        ("pooling", "Pooling", ""),
        ("max_pool2d", "max_pool2d", ""),
    ],
)
def test_search_finds_posts_sections_and_names_by_keyboard(chromium, packed, words, found, said):
    page = chromium.new_page()
    page.goto(packed + "search.html")
    page.wait_for_function("document.activeElement.id === 'q'")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    result = page.locator("#search-results li", has=page.get_by_role("link", name=found)).first
    result.wait_for()
    page.wait_for_load_state("networkidle")
    text = result.inner_text()
    assert said in text
    assert "import " not in page.locator("#search-results").inner_text()
    page.close()

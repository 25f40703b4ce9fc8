"""Every page in a real browser: safe, accessible to all, light, and still while it loads."""

import posixpath
import re
from pathlib import Path

import axe_playwright_python
import pytest
from bs4 import BeautifulSoup

from tests.browser.transfers import record_transfers
from tests.tools import ANY_POST, ROOT, say

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
DESIGN = "guide/design.html"
KILOBYTE = 1000
# Of an author's own, which the build scales.
PHOTOGRAPH = re.compile(r"/_images/[^/]+-[0-9a-f]{10}\.(?:jpe?g|png|webp)$")
# Open folds and further controls, and start what starts near the screen.
OPEN = """async () => {
    for (const fold of document.querySelectorAll('details')) fold.open = true;
    for (const late of document.querySelectorAll('cnn-explorer, cnn-question')) {
        late.scrollIntoView();
        await customElements.whenDefined(late.localName);
    }
    for (const more of document.querySelectorAll('[aria-expanded="false"]')) more.click();
    scrollTo(0, 0);
}"""
# Mark letters of equations and words of code that stand in the same elements, with the same
# classes, as three before them: what is true of those is true of these.
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
VIOLATIONS = """async context => {
    const found = await axe.run(context, {resultTypes: ['violations']});
    return found.violations.flatMap(kind => kind.nodes.map(
        node => `${kind.id}: ${node.target} ${node.failureSummary.split('\\n')[1]}`));
}"""
SHIFTS = """addEventListener('DOMContentLoaded', () => { window.shifts = 0; });
new PerformanceObserver(list => { for (const one of list.getEntries())
    if (!one.hadRecentInput) window.shifts = (window.shifts || 0) + one.value;
}).observe({type: 'layout-shift', buffered: true});"""
# One page of each template is checked in all modes, of the most common one also the richest pages.
TEMPLATES = (
    "index.html",
    ANY_POST,
    DESIGN,
    "playground.html",
    "posts.html",
    "posts/archive.html",
    "posts/tag.html",
    "posts/tag/cnn.html",
    "api/convolution.html",
    "_modules/index.html",
    "search.html",
    "404.html",
)
TOGETHER = 8
WIDTHS = (1440, 360)
COLOURS = (("light", "none"), ("dark", "none"), ("light", "active"))
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TALLEST = "Math.max(0, ...[...document.images].map(image => image.offsetHeight))"


@pytest.fixture(scope="module")
def names(site):
    """Return all pages; of the modules' sources, which are alike, one."""
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    sources = [name for name in found if name.startswith("_modules/cnnlib")]
    return [name for name in found if name not in sources[1:]]


def check_page(page, name, faults):
    """Run axe-core on a page with everything open, and check that nothing sticks out."""
    page.evaluate(OPEN)
    page.evaluate(AXE)
    context = {"include": [["html"]]}  # all of the page once, in the first mode
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, forced in COLOURS:
            if "exclude" in context and name not in TEMPLATES:
                continue
            page.emulate_media(color_scheme=scheme, forced_colors=forced)
            found = page.evaluate(VIOLATIONS, context)
            faults += [f"{name} {width} {scheme} {forced}: {fault}" for fault in found]
            if "exclude" not in context:
                page.evaluate(ALIKE)
                context["exclude"] = [["[data-alike]"]]
        if page.evaluate(BEYOND) > 0:
            faults.append(f"{name} {width}: scrolls sideways")
    page.emulate_media(media="print")
    if page.evaluate(TALLEST) > 900:  # of the 1000 or so that a sheet has
        faults.append(f"{name}: a picture is taller than a sheet of paper")


@pytest.fixture(scope="module")
def visits(chromium, address, names):
    """Visit each page for the first time: what it fetched, its shift, what is wrong."""
    return {
        name: visit
        for start in range(0, len(names), TOGETHER)
        for name, visit in visit_together(chromium, address, names[start : start + TOGETHER])
    }


def visit_together(chromium, address, names):
    """Open some pages, and yield each one's name, transfers, shift and faults.

    While one page comes to rest, the next is opened.
    """
    opened = []
    for name in names:
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        context.add_init_script(SHIFTS)
        page, faults = context.new_page(), []
        page.on("console", lambda message, faults=faults: faults.append(message.text))
        page.on("pageerror", lambda error, faults=faults: faults.append(str(error)))
        received = record_transfers(page)
        page.goto(address + name)
        opened.append((name, page, received, faults))
    for name, page, received, faults in opened:
        page.wait_for_load_state("networkidle")
        first, shift = list(received), page.evaluate("window.shifts || 0")
        check_page(page, name, faults)
        page.context.close()
        yield name, (first, shift, faults)


def test_the_templates_checked_in_all_modes_exist(names):
    assert {"index.html", ANY_POST, "posts.html", "search.html", "404.html"} <= set(names)


def test_every_page_is_accessible_and_logs_nothing(visits):
    assert {name: faults for name, (_, _, faults) in visits.items() if faults} == {}


def test_every_page_loads_little_and_only_from_this_site(visits, address):
    heavy = {}
    for name, (received, _, _) in visits.items():
        own = [size for url, *_, size in received if not PHOTOGRAPH.search(url)]
        weight = sum(own) / KILOBYTE
        # The index of the search is a script, but grows with what there is to find.
        code = [r for r in received if r[1] == "Script" and "searchindex" not in r[0]]
        scripts = sum(size for *_, size in code) / KILOBYTE
        if weight > 85 or len(received) > 16 or scripts > 25:
            heavy[name] = [round(weight, 1), len(received), round(scripts, 1)]
        assert all(url.startswith(address) for url, *_ in received), name
        assert weight > 1, name  # the server says how much it sends
    assert heavy == {}


def test_no_page_shifts_while_it_loads(visits):
    assert {name: shift for name, (_, shift, _) in visits.items() if shift > 0.0005} == {}


def test_a_picture_opened_on_its_own_is_set_in_its_own_letters(visit, site):
    source = re.search(r'<img src="([^"#]+\.svg)"', (site / DESIGN).read_text("utf-8"))[1]
    page = visit(posixpath.normpath(posixpath.join(posixpath.dirname(DESIGN), source)))
    page.wait_for_timeout(200)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    text = session.send("DOM.querySelector", {"nodeId": root, "selector": "text"})
    fonts = session.send("CSS.getPlatformFontsForNode", text)["fonts"]
    assert [font["isCustomFont"] for font in fonts] == [True]  # no letter from another font


def test_without_scripts_the_playground_still_shows_its_equations(visit):
    page = visit("playground.html", java_script_enabled=False)
    assert page.locator("cnn-explorer .equation:visible").count() == 9


def test_no_script_blocks_a_page(site, names):
    scripts = 0
    for name in names:
        page = BeautifulSoup((site / name).read_text("utf-8"), "html.parser")
        for script in page.select("script[src]"):
            scripts += 1
            assert script.has_attr("defer") or script.get("type") == "module", (name, script)
    assert scripts >= len(names)


def test_examples_are_copied_with_their_imports_and_without_prompts(visit):
    page = visit("api/convolution.html", permissions=["clipboard-read", "clipboard-write"])
    code = page.locator(".highlight:has(.gp)").first
    prompted = [line for line in code.inner_text().splitlines() if line.startswith((">>>", "..."))]
    button = code.get_by_role("button", name=say("Copy the code"))
    button.focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text=say("Copied")).wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    imports = ["import numpy as np", "from cnnlib import conv2d"]
    assert copied.splitlines() == imports + [line[4:] for line in prompted]


def test_folded_imports_are_copied_with_their_recipe(visit):
    page = visit("snippets.html", permissions=["clipboard-read", "clipboard-write"])
    cell = page.locator(".cell_input:has(details.imports)").first
    imports, code = cell.locator("pre").all_text_contents()
    assert not cell.locator("pre").first.is_visible()
    assert cell.get_by_role("button", name=say("Copy the code")).count() == 1
    cell.get_by_role("button", name=say("Copy the code")).click()
    page.get_by_role("status").filter(has_text=say("Copied")).wait_for(state="attached")
    assert page.evaluate("navigator.clipboard.readText()") == imports + code.rstrip("\n")
    cell.locator("summary").click()
    assert cell.locator("pre").first.is_visible()


def test_a_citation_links_to_its_entry_and_back_by_keyboard(visit):
    page = visit("guide/design.html")
    citation = page.locator("a.cite").first
    text, entry, own = (
        citation.inner_text(),
        citation.get_attribute("href"),
        citation.get_attribute("id"),
    )
    citation.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{entry}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.ariaLabel") == say("Back to the text")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**#{own}")
    assert page.locator(f"#{own}").inner_text() == text


def test_the_page_that_is_not_there_leads_on(visit):
    page = visit("404.html")
    posts = len(list(ROOT.glob("posts/*/*.md")))
    assert page.locator(".cards h2 a").count() == min(3, posts)
    page.get_by_role("searchbox").fill("stride")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=stride")
    page.locator("#search-results li").first.wait_for()

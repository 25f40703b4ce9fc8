"""The explorer as notebooks show it: HTML that brings its script along, put into a page by others.

JupyterLab puts it into its page and runs the scripts in it. Colab shows it in a frame of an origin
of its own, with scripts and little else allowed. VS Code sets it as inner HTML, which runs no
script, and makes each script again. The two last are imitated here.
"""

import html
import json

import numpy as np
import pytest

from cnnlib import conv2d
from cnnlib.explain.explorer import explorer
from cnnlib.explain.trace import trace

X = np.array([[7, 9, 1, 4], [5, 3, 4, 8], [2, 5, 0, 4], [6, 6, 5, 8]])
K = np.array([[2, 1], [0, -1]])
MADE_AGAIN = """
const cell = document.body;
cell.innerHTML = %s;
for (const old of cell.querySelectorAll("script")) {
  const made = Object.assign(document.createElement("script"), { textContent: old.textContent });
  if (old.type) made.type = old.type;
  old.replaceWith(made);
}
"""


# Styles of tables in JupyterLab, which must not apply to those of the explorer.
STYLES = """<style>
.jp-OutputArea td { text-align: right; padding: 0.5em; }
.jp-OutputArea tr:nth-child(odd) { background: #f5f5f5; }
</style>"""


def in_the_page(shown):
    return shown


def in_a_frame_of_another_origin(shown):
    return (
        f'<iframe sandbox="allow-scripts" width="900" height="700" srcdoc="{html.escape(shown)}">'
    )


def as_inner_html(shown):
    return f"<script>{MADE_AGAIN % json.dumps(shown).replace('</', '<' + chr(92) + '/')}</script>"


@pytest.mark.parametrize("put", [in_the_page, in_a_frame_of_another_origin, as_inner_html])
def test_an_explorer_in_a_notebook_brings_all_it_needs(chromium, put):
    page = chromium.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    outputs = 2 * explorer(trace(conv2d, X, K))._repr_html_()
    page.set_content(f"<!doctype html><body>{put(outputs)}")
    shown = page.frames[-1]
    shown.locator("cnn-explorer.live").nth(1).wait_for()
    second = shown.locator("cnn-explorer").nth(1)
    second.locator("[data-act=next]").click()
    assert shown.locator(".where").all_inner_texts() == ["1 of 9", "2 of 9"]
    second.locator(".toggle").click()
    second.locator(".preset[data-key=k]").select_option(label="Blur")
    assert second.locator("[data-act=reset]").is_visible()
    second.locator("[data-act=reset]").click()
    assert second.locator(".y td").all_inner_texts()[:3] == ["20", "15", "−2"]
    assert (
        shown.locator("[data-act=link]").count() == 0
    )  # a notebook's address is not ours to write
    assert faults == []
    page.close()


def test_the_picture_can_be_copied_in_a_notebook(chromium, address):
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    shown = explorer(trace(conv2d, X, K), form="full")._repr_html_()
    body = f"<!doctype html><body>{shown}"
    page.route("**/notebook.html", lambda r: r.fulfill(body=body, content_type="text/html"))
    page.goto(address + "notebook.html")
    page.locator("[data-act=svg]").click()
    page.locator("[data-act=svg][data-done]").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.count('class="cell"') == X.size + K.size + 9
    assert faults == []
    context.close()


def test_without_styles_and_script_the_picture_has_the_colours_of_a_light_page(chromium):
    """As in a feed reader, or a notebook that is not trusted, on a dark page."""
    page = chromium.new_page()
    shown = explorer(trace(conv2d, X, K)).html
    page.set_content(f'<!doctype html><body style="background: black; color: white">{shown}')
    fills = page.locator("svg > *").evaluate_all("e => e.map(one => getComputedStyle(one).fill)")
    assert fills[0] == "rgb(252, 251, 248)"  # the paper
    assert "rgb(0, 0, 0)" not in fills
    assert {"rgb(28, 70, 160)", "rgb(31, 35, 40)"} < set(fills)
    page.close()


def test_styles_of_the_notebook_do_not_apply_to_the_explorer(chromium):
    page = chromium.new_page()
    shown = explorer(trace(conv2d, X, K))._repr_html_()
    page.set_content(f'<!doctype html><body>{STYLES}<div class="jp-OutputArea">{shown}</div>')
    page.locator("cnn-explorer.live").wait_for()
    style = "e => { const s = getComputedStyle(e); return [s.textAlign, s.padding]; }"
    assert page.locator(".x td").first.evaluate(style) == ["center", "0px"]
    background = "e => getComputedStyle(e).backgroundColor"
    assert page.locator(".x tr").first.evaluate(background) == "rgba(0, 0, 0, 0)"
    page.close()

"""What cells show is checked: readers must see it, and each build must show the same."""

import subprocess
import sys
from pathlib import Path

import pytest

from blog.check.outputs import FAULT, check_outputs
from blog.ext.execution import own_frames
from blog.ext.html_tables import plain_table

ROOT = "/somewhere/blog"


def value(text, **data):
    """Return the output of a cell whose last value has a text, and perhaps other forms."""
    data = {f"{kind.replace('_', '/')}": content for kind, content in data.items()}
    return {"output_type": "execute_result", "data": {"text/plain": text} | data}


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def live(kind):
    return {"output_type": "display_data", "data": {"text/plain": "...", kind: "{}"}}


FAULTS = {
    "figure": (
        value("<Figure size 640x480 with 1 Axes>"),
        "a cell ends with a Matplotlib figure, w",
    ),
    "object": (
        value("<object at 0x7f00aa00>"),
        "a cell shows an object of type object with its addr",
    ),
    "function": (
        value("<function f at 0x7f00>"),
        "a cell shows an object of type function with its",
    ),
    "lines": (
        value("[<matplotlib.lines.Line2D at 0x7f00>]"),
        "an object of type matplotlib.lines.Line",
    ),
    "generator": (
        value("<generator object <genexpr> at 0x7f00>"),
        "a cell shows an object of type generator with its address",
    ),
    "home": (
        printed(f"in {Path.home()}/data"),
        f"a cell shows {Path.home()}, a folder of this machine: show the",
    ),
    "code of a terminal": (
        printed("\x1b[2K done"),
        "a cell prints the control character U+001B: print repr(...) of it; pages show colours",
    ),
    "printed object": (
        printed("So <A.b object at 0x7f>"),
        "a cell shows an object of type A.b with it",
    ),
    "control character": (
        printed("a\x08b"),
        "a cell prints the control character U+0008: print repr",
    ),
    "carriage return": (
        printed("50 %\r100 %"),
        "a cell prints the control character U+000D: print repr(...) of it; of a progress bar, ",
    ),
    "many lines": (
        printed("1\n" * 300),
        "a cell prints 301 lines with 600 characters; pages take 200",
    ),
    "long line": (
        printed("1" * 30_000),
        "a cell prints 1 lines with 30,000 characters; pages take",
    ),
    "folder": (
        printed(f"in {ROOT}/posts"),
        f"a cell shows {ROOT}, a folder of this machine: show the",
    ),
    "widget": (
        live("application/vnd.jupyter.widget-view+json"),
        "a widget needs scripts of other sites",
    ),
    "plotly": (
        live("application/vnd.plotly.v1+json"),
        "a plotly figure needs scripts of other sites",
    ),
    "vega": (live("application/vnd.vegalite.v6+json"), "a Vega chart needs scripts of other sites"),
    "script": (
        live("application/javascript"),
        "a script needs scripts of other sites, which do not",
    ),
    "HTML script": (
        value("", text_html="<script>1</script>"),
        "a cell shows <script>: scripts do not",
    ),
    "HTML frame": (
        value("", text_html="<iframe></iframe>"),
        "a cell shows <iframe>: pages of other si",
    ),
    "HTML style": (
        value("", text_html='<p style="x">a</p>'),
        'a cell shows <p style="...">: styles wi',
    ),
    "HTML video": (
        value("", text_html="<video></video>"),
        "a cell shows <video>: videos are not shown",
    ),
    "HTML not closed": (
        value("", text_html="<div><b>a</b>"),
        "a cell shows <div> is never closed, an",
    ),
    "HTML remote": (
        value("", text_html='<img src="//a.b/c">'),
        "a cell shows <img>: nothing is loaded",
    ),
}
GOOD = {
    "number": value("array([1, 2])"),
    "coloured": printed("\x1b[31mred\x1b[0m <b> at 0"),
    "long, but shown otherwise": value("x" * 30_000, text_html="<b>x</b>"),
    "picture": value("<Figure size 1x1>", **{"image_svg+xml": "<svg/>"}),
    "explorer": value("", text_html="<cnn-explorer></cnn-explorer><script>1</script>"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_readers_would_not_see_is_found(fault):
    output, message = FAULTS[fault]
    (found,) = check_outputs([output], ROOT)
    assert message in found


@pytest.mark.parametrize("output", GOOD.values(), ids=GOOD)
def test_what_readers_see_is_no_fault(output):
    assert list(check_outputs([output], ROOT)) == []


def test_lines_that_arrive_in_pieces_are_counted_together():
    outputs = [printed("1\n" * 150), value("7"), printed("1\n" * 150)]
    (found,) = check_outputs(outputs, ROOT)
    assert found.startswith("a cell prints 301 lines with 600 characters; pages take 200 lines")
    assert list(check_outputs(outputs[:2], ROOT)) == []


def test_a_message_of_the_kernel_stands_for_what_the_cell_shows():
    outputs = [value("[<matplotlib.lines.Line2D at 0x7f00>]"), {"data": {FAULT: "not shown"}}]
    assert list(check_outputs(outputs, ROOT)) == ["not shown"]


def test_a_table_of_pandas_has_no_styles():
    written = (
        "<div>\n<style scoped>\n    .dataframe tbody tr th { vertical-align: top; }\n</style>\n"
        '<table border="1" class="dataframe">\n<thead>\n<tr style="text-align: right;">\n'
        "<th></th>\n<th>a</th>\n</tr></thead>\n<tbody><tr><th>0</th><td>1</td></tr></tbody>\n"
        "</table>\n</div>"
    )
    html = plain_table(written)
    assert "style" not in html
    assert "border" not in html
    assert "<td></td>\n<th>a</th>" in html
    assert list(check_outputs([value("", text_html=html)], ROOT)) == []
    other = '<table border="1"><tr><td>1</td></tr></table>'
    assert plain_table(other) == other


def test_of_a_traceback_the_page_s_own_lines_are_shown():
    trace = (
        "------------------\n\n"
        "Cell In[1], line 2\n      1 x\n----> 2 load()\n"
        "File /lib/a.py:3, in load()\n---> 3 raise E\n"
        "E: reason"
    )
    assert own_frames(trace) == ["Cell In[1], line 2", "      1 x", "----> 2 load()", "E: reason"]


LABELLED = """
from matplotlib.figure import Figure
from cnnlib.explain.plots import figure_file
fig = Figure()
fig.add_subplot().set_xlabel("水温")
fig.canvas.draw()
print("水温</text>" in figure_file(fig, title="a", description="b"))
"""


def test_letters_that_matplotlib_lacks_stay_text_and_are_no_warning():
    startup = Path("blog/ext/ipython/profile_default/startup/figures.py").read_text("utf-8")
    command = [sys.executable, "-m", "IPython", "--quick", "--colors=NoColor", "-c"]
    done = subprocess.run([*command, startup + LABELLED], capture_output=True, text=True)
    assert done.stdout == "True\n"
    assert "Glyph" not in done.stderr

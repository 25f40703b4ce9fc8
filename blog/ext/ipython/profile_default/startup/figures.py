"""Report figures that a cell draws with Matplotlib's pyplot and does not show.

On a page nothing shows them by itself: a picture needs a caption and a text alternative.

Letters that Matplotlib's fonts lack, such as Chinese ones, are no reason to warn: the text of a
figure stays text, and readers' own fonts have them.
"""


def _report_figures() -> None:
    import sys
    import warnings

    from IPython import get_ipython
    from IPython.display import display

    from blog.check.outputs import FAULT, SHOW_FIGURE

    def report(result: object) -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None and pyplot.get_fignums():
            pyplot.close("all")
            if getattr(result, "success", False):
                message = f"a cell draws a figure, but does not show it: {SHOW_FIGURE}"
                display({FAULT: message}, raw=True)

    warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from", UserWarning)
    get_ipython().events.register("post_run_cell", report)


_report_figures()
del _report_figures

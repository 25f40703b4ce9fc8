"""Names of explorers: the build refuses those that links to a page could not tell apart."""

import types

import numpy as np
import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document

from blog.ext import explorer as extension
from cnnlib import conv2d
from cnnlib.explain.explorer import explorer
from cnnlib.explain.trace import trace
from cnnlib.explain.worksheet import worksheet

TRACED = trace(conv2d, np.eye(3, dtype=int), [[1, 2]])


@pytest.fixture
def process(monkeypatch):
    """Process a page of these elements, on lines 10, 20 and so on; return it and the warnings."""

    def processed(*shown, ids=()):
        document = new_document("page.md", get_default_settings())
        document.ids.update(dict.fromkeys(ids))
        for number, element in enumerate(shown, start=1):
            cell = nodes.container()
            cell.line = 10 * number
            # As MyST-NB leaves them: the output has no line, the cell around it has.
            cell += nodes.raw("", element._repr_html_(), format="html")
            document += cell
        found = []

        def keep(message, *, location, type):
            found.append((location.line, message))

        monkeypatch.setattr(extension, "logger", types.SimpleNamespace(warning=keep))
        extension.ExplorerTags(document).run()
        return document, found

    return processed


def named(name):
    return explorer(TRACED, name=name)


def test_explorers_without_a_name_are_numbered(process):
    document, warnings = process(named(""), named("play"), named(""))
    ids = [raw.astext().split('"')[1] for raw in document.findall(nodes.raw)]
    assert ids == ["explorer", "play", "explorer-3"]
    assert warnings == []


def test_a_worksheet_follows_an_explorer_of_its_page(process):
    _, warnings = process(worksheet(TRACED, explorer="play"), named("play"), worksheet(TRACED))
    assert warnings == []


@pytest.mark.parametrize(
    ("shown", "warning"),
    [
        ([named("play"), named("play")], (20, 'two explorers on this page are named "play"')),
        ([named("explorer-2"), named("")], (20, 'are named "explorer-2"')),
        ([named(""), named("a-heading")], (20, 'explorer "a-heading": a heading has this name')),
        (
            [named("play"), *2 * [worksheet(TRACED, explorer="play")]],
            (30, 'two worksheets on this page follow the explorer "play"'),
        ),
        ([named(""), worksheet(TRACED, explorer="play")], (20, 'is named "play"')),
    ],
)
def test_a_name_that_names_two_things_or_none_is_refused_with_its_line(process, shown, warning):
    _, warnings = process(*shown, ids=["a-heading"])
    assert [line for line, _ in warnings] == [warning[0]]
    assert warning[1] in warnings[0][1]

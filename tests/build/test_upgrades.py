"""What the blog changes within its libraries is still there, else an upgrade broke what is said.

No public interface offers these places: where one does, the blog uses it.
"""

import inspect

import pytest
from myst_nb.core.execute import create_client
from myst_nb.sphinx_ import Parser
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from sphinx.environment import BuildEnvironment
from sphinx.ext import viewcode
from sphinx.jinja2glue import BuiltinTemplateLoader


def parameters(function):
    return [*inspect.signature(function).parameters]


CHANGED = {
    "MyST-NB no longer asks `create_client` for the outputs of cells, so that they would run "
    "without the blog's cache and checks: mend `prepare` in blog/ext/execution.py": lambda: (
        parameters(create_client) == ["notebook", "source", "nb_config", "logger", "read_fmt"]
        and "create_client(" in inspect.getsource(Parser.parse)
    ),
    "MyST no longer labels equations by `_random_label`, so that two builds may differ: mend "
    "`setup` in blog/ext/mathml.py": lambda: (
        parameters(SphinxRenderer._random_label) in (["self"], ["renderer"])
        and "_random_label" in inspect.getsource(SphinxRenderer.render_amsmath)
    ),
    "viewcode no longer keeps its modules in `env._viewcode_modules`, so that most sources of "
    "cnnlib would not be shown: mend `add_modules` in blog/ext/source_pages.py": lambda: (
        "env._viewcode_modules" in inspect.getsource(viewcode)
    ),
    "Sphinx no longer asks `get_outdated_files` which pages to read, so that `make live` would "
    "read all before the open one: mend `read_only` in blog/build/sphinx_build.py": lambda: (
        parameters(BuildEnvironment.get_outdated_files) == ["self", "config_changed"]
    ),
    "Sphinx's templates have no list `loaders` any more, so that ABlog's would not be found: mend "
    "`append_templates` in blog/ext/ablog_furo.py": lambda: (
        "self.loaders = " in inspect.getsource(BuiltinTemplateLoader.init)
    ),
}


@pytest.mark.parametrize("broken", CHANGED)
def test_what_the_blog_changes_is_still_there(broken):
    assert CHANGED[broken](), broken

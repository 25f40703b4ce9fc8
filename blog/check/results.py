"""Check that what cells make with cnnlib.explain is shown: only the value of a last line is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence, Set

from markdown_it.token import Token

from blog.check.front_matter import Problems
from blog.check.markdown import OPTIONS, directive, line_of

PACKAGE = "cnnlib.explain"
# Functions whose results are worked on: they are not there to be shown.
WORKED_ON = ("trace", "describe_array", "describe_step", "describe_trace", "sizes_text")
# Functions whose results are there to be shown, also by the name of their module.
SHOWN = ("animate", "explorer", "matrix", "photograph", "picture", "products", "show_step")
SHOW = "only the value of a cell's last line is shown: make it the last line of a cell of its own"


def check_results(tokens: Iterable[Token]) -> Problems:
    """Find results that nothing shows, in all code cells of a page."""
    read = list(_read_cells(tokens))
    cells = [(line, cell) for line, cell, _ in read]
    silenced = {cell.body[-1] for _, cell, text in read if text.rstrip().endswith(";")}
    functions = {name for _, cell in cells for name in _imported(cell)}
    functions |= _wrappers([cell for _, cell in cells], functions)
    used = {
        node.id
        for _, cell in cells
        for node in ast.walk(cell)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    for line, cell in cells:
        for node in ast.walk(cell):
            if isinstance(node, ast.Expr) and (made := _shown_as_text(node, cell, functions)):
                yield (
                    line + node.lineno,
                    f"what {made}(...) makes is shown as text here: make it the last line of a "
                    "cell of its own, or call display(...) of IPython.display",
                )
                continue
            value = getattr(node, "value", None)
            made = _called(value) if isinstance(node, ast.Expr | ast.Assign) else ""
            if made not in functions:
                continue
            if isinstance(node, ast.Expr):
                if node is not cell.body[-1]:
                    yield line + node.lineno, f"what {made}(...) makes is not shown: {SHOW}"
                elif node in silenced:
                    yield (
                        line + node.lineno,
                        f"what {made}(...) makes is not shown: leave out the `;` at the end",
                    )
            elif isinstance(node, ast.Assign) and not _names(node) & used and _names(node):
                name = min(_names(node))
                yield (
                    line + node.lineno,
                    f"what {made}(...) makes is not shown: end the cell with a line `{name}`",
                )


def _shown_as_text(node: ast.Expr, cell: ast.Module, functions: Set[str]) -> str:
    """Return the function whose result a line prints, or shows in a list; "" for other lines."""
    value = node.value
    inside: list[ast.expr] = []
    if isinstance(value, ast.Call) and _called(value) == "print":
        inside = value.args
    elif node is cell.body[-1] and isinstance(value, ast.List | ast.Tuple):
        inside = value.elts
    elif node is cell.body[-1] and isinstance(value, ast.ListComp):
        inside = [value.elt]
    return next((_called(one) for one in inside if _called(one) in functions), "")


def _wrappers(cells: Sequence[ast.Module], functions: Set[str]) -> set[str]:
    """Return the functions of a page that return what one of the given functions makes."""
    defined = [
        node for cell in cells for node in ast.walk(cell) if isinstance(node, ast.FunctionDef)
    ]
    found: set[str] = set()
    for _ in defined:  # one may call another one
        found |= {
            one.name
            for one in defined
            for node in ast.walk(one)
            if isinstance(node, ast.Return) and _called(node.value) in functions | found
        }
    return found


def _read_cells(tokens: Iterable[Token]) -> Iterator[tuple[int, ast.Module, str]]:
    """Yield the code of each cell that is plain Python, after the line on which it begins.

    Its text comes last.
    """
    for token in tokens:
        if directive(token)[0] != "code-cell":
            continue
        options = OPTIONS.match(token.content)
        head = options.end() if options else 0
        empty = "\n" * token.content[:head].count("\n")
        try:
            cell = ast.parse(empty + token.content[head:])
        except SyntaxError:  # the kernel says so
            continue
        if cell.body:
            yield line_of(token), cell, token.content[head:]


def _imported(cell: ast.Module) -> Iterator[str]:
    """Yield the names of functions of cnnlib.explain that a cell imports."""
    for node in ast.walk(cell):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            for name in node.names:
                if name.name.islower() and name.name not in WORKED_ON:
                    yield name.asname or name.name
        elif isinstance(node, ast.Import):
            yield from (
                f"{name.asname or name.name}.{function}"
                for name in node.names
                if name.name == PACKAGE
                for function in SHOWN
            )


def _called(value: ast.AST | None) -> str:
    """Return the name of a function that is called, if a value is such a call."""
    called = value.func if isinstance(value, ast.Call) else None
    return ast.unparse(called) if isinstance(called, ast.Name | ast.Attribute) else ""


def _names(node: ast.Assign) -> set[str]:
    """Return the names that a value gets, if it gets nothing else."""
    names = {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names if len(names) == len(node.targets) else set()

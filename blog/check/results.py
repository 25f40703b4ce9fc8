"""Check that what cells make with cnnlib.explain is shown: only the value of a last line is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from blog.check.front_matter import Problems
from blog.check.markdown import OPTIONS, directive, line_of

PACKAGE = "cnnlib.explain"
# Functions whose results are worked on: they are not there to be shown.
WORKED_ON = ("trace", "describe_array", "describe_step", "describe_trace", "sizes_text")
SHOW = "only the value of a cell's last line is shown: make it the last line of a cell of its own"


def check_results(tokens: Iterable[Token]) -> Problems:
    """Find results that nothing shows, in all code cells of a page."""
    cells = list(_read_cells(tokens))
    functions = {name for _, cell in cells for name in _imported(cell)}
    used = {
        node.id
        for _, cell in cells
        for node in ast.walk(cell)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    for line, cell in cells:
        for node in ast.walk(cell):
            value = getattr(node, "value", None)
            made = _called(value) if isinstance(node, ast.Expr | ast.Assign) else ""
            if made not in functions or (node is cell.body[-1] and isinstance(node, ast.Expr)):
                continue
            if isinstance(node, ast.Expr):
                yield line + node.lineno, f"what {made}(...) makes is not shown: {SHOW}"
            elif isinstance(node, ast.Assign) and not _names(node) & used and _names(node):
                name = min(_names(node))
                yield (
                    line + node.lineno,
                    f"what {made}(...) makes is not shown: end the cell with a line `{name}`",
                )


def _read_cells(tokens: Iterable[Token]) -> Iterator[tuple[int, ast.Module]]:
    """Yield the code of each cell that is plain Python, and the line on which the cell begins."""
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
            yield line_of(token), cell


def _imported(cell: ast.Module) -> Iterator[str]:
    """Yield the names of functions of cnnlib.explain that a cell imports."""
    for node in ast.walk(cell):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            for name in node.names:
                if name.name.islower() and name.name not in WORKED_ON:
                    yield name.asname or name.name


def _called(value: ast.AST | None) -> str:
    """Return the name of a function that is called, if a value is such a call."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id
    return ""


def _names(node: ast.Assign) -> set[str]:
    """Return the names that a value gets, if it gets nothing else."""
    names = {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names if len(names) == len(node.targets) else set()

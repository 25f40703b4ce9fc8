"""Read what nbdev, fastpages and Quarto write into the first lines of a cell as tags."""

from __future__ import annotations

import re

from blog.build.converted import split_code

OPTION = re.compile(r"# ?(?:\| ?)?([\w-]+)(?:: *(\w+))?\s*")
# What each option is here: a tag, or nothing, since it has no effect on a page.
TAGS = {
    **dict.fromkeys(("hide", "hide_input", "echo: false", "include: false"), "remove-input"),
    **dict.fromkeys(("collapse", "collapse_hide", "code_fold: true"), "hide-input"),
    **dict.fromkeys(("hide_output", "collapse_output", "output: false"), "hide-output"),
    "error: true": "raises-exception",
    **dict.fromkeys(("collapse_show", "export", "exporti", "exports"), ""),
    **dict.fromkeys(("echo: true", "warning: false", "message: false", "code_fold: false"), ""),
}
CELL = re.compile(r"(`{3,}\{code-cell\}[^\n]*\n)(.*)", re.DOTALL)


def read_options(code: str) -> tuple[list[str], str]:
    r"""Return the tags that the first lines of a cell stand for, and its other lines.

    >>> read_options("#| echo: false\n#| fig-cap: A\nx = 1")
    (['remove-input'], '#| fig-cap: A\nx = 1')
    """
    tags: list[str] = []
    lines = code.split("\n")
    kept: list[str] = []
    while lines and (lines[0].startswith("#") or not lines[0].strip()):
        line = lines.pop(0)
        found = OPTION.fullmatch(line)
        name = found[1].replace("-", "_") + (f": {found[2]}" if found[2] else "") if found else ""
        if name not in TAGS:
            kept.append(line)
        elif TAGS[name] and TAGS[name] not in tags:
            tags.append(TAGS[name])
    return tags, "\n".join([*kept, *lines])


def convert_cells(text: str) -> str:
    r"""Return a page whose code cells have tags in place of options.

    >>> convert_cells("```{code-cell} python\n#| error: true\n1 / 0\n```\n")
    '```{code-cell} python\n:tags: [raises-exception]\n\n1 / 0\n```\n'
    """
    return "".join(_convert_cell(part) if code else part for code, part in split_code(text))


def _convert_cell(part: str) -> str:
    found = CELL.fullmatch(part)
    tags, code = read_options(found[2]) if found else ([], "")
    if not found or not tags:
        return f"{found[1]}{code}" if found else part
    return f"{found[1]}:tags: [{', '.join(tags)}]\n\n{code}"

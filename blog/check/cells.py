"""Check a page's code cells before they run: their options, and code that has no effect here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml
from markdown_it.token import Token

from blog.check.front_matter import Problems, suggest
from blog.check.markdown import directive, line_of

CELL_TAGS = ("hide-input", "hide-output", "remove-input", "raises-exception")
CELL_OPTIONS = ("tags",)
LANGUAGES = ("", "python", "python3", "ipython", "ipython3")
OPTION = re.compile(r":([\w-]+):(.*)")
LONGEST = 70  # characters, as wide as the text
# Random numbers of NumPy: from no seed, from the seed that all share, and that seed.
UNSEEDED = re.compile(r"^[^#]*\bdefault_rng\(\s*\)")
FROM_SEED = re.compile(
    r"^[^#]*\b(?:np|numpy)\.random\."
    r"(?:choice|normal|permutation|rand|randint|randn|random|shuffle|standard_normal|uniform)\("
)
SEEDED = re.compile(r"\brandom\.seed\(\s*\w")
# Lines of code that do not do what they do elsewhere.
USELESS = (
    (
        r"\s*[!%]\s*(?:pip|conda|mamba|uv)\b.*",
        "cells cannot install packages: add the package to requirements/site.in and run "
        "`make requirements`",
    ),
    (r"\s*!.*|%%(?:bash|sh|script|system|writefile).*", "cells run Python only, no other programs"),
    (
        r"\s*%matplotlib\b.*",
        "`%matplotlib` is not needed: show a figure with picture(fig, alt=..., caption=...) from "
        "cnnlib.explain",
    ),
    (
        r""".*(?<![\w/])["'](?:/(?:home|Users|root|mnt|tmp)/|~/|[A-Za-z]:\\|file:).*""",
        "this path exists on one machine only: put the file beside the page, and name it relative "
        "to the page",
    ),
)


def check_cells(tokens: Sequence[Token]) -> Problems:
    """Check all code cells of a page."""
    yield from check_random(tokens)
    for token in tokens:
        name, argument = directive(token)
        if name == "code-cell":
            yield from check_cell(token, argument)


def check_random(tokens: Sequence[Token]) -> Problems:
    """Check that random numbers are the same in each build."""
    cells = [token for token in tokens if directive(token)[0] == "code-cell"]
    seeded = any(SEEDED.search(cell.content) for cell in cells)
    for cell in cells:
        for line, text in enumerate(cell.content.split("\n"), line_of(cell) + 1):
            if UNSEEDED.search(text) or (not seeded and FROM_SEED.search(text)):
                yield (
                    line,
                    "random numbers that differ in each build: take them from "
                    f"np.random.default_rng(0), or any other seed: {text.strip()[:60]}",
                )


def check_cell(token: Token, language: str) -> Problems:
    """Check one cell."""
    line = line_of(token)
    if language not in LANGUAGES:
        yield line, f'cells run Python, not "{language}"; to show code only, write ```{language}'
    lines = token.content.split("\n")
    if lines[0].strip() == "---":
        yield from check_yaml_options(lines, line + 1)
        return
    count = 0
    for count, text in enumerate(lines):
        option = OPTION.fullmatch(text.strip())
        if not option:
            break
        yield from ((line + 1 + count, m) for m in check_option(option[1], option[2].strip()))
    yield from check_code(lines[count:], line + 1 + count)
    yield from check_width(lines[count:], line + 1 + count, lines[:count])


def check_yaml_options(lines: list[str], first: int) -> Problems:
    """Check options that are written as YAML, between two lines of dashes."""
    end = next((n for n, text in enumerate(lines[1:], 1) if text.strip() == "---"), None)
    if end is None:
        yield first, "the options of the cell are not closed: a line `---` is missing"
        return
    try:
        options = yaml.safe_load("\n".join(lines[1:end])) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        yield first + line, f"invalid options of a cell: {error.problem}"
        return
    for name, value in options.items() if isinstance(options, dict) else [("", options)]:
        yield from ((first, message) for message in check_option(str(name), value))
    yield from check_code(lines[end + 1 :], first + end + 1)
    yield from check_width(lines[end + 1 :], first + end + 1, lines[1:end])


def check_option(name: str, value: Any) -> Iterator[str]:
    """Check the name and the value of an option."""
    if name not in CELL_OPTIONS:
        yield f'"{name}" is not an option of a cell; {suggest(name, CELL_OPTIONS)}'
        return
    if isinstance(value, str):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            value = None
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        yield "tags: write them in brackets, separated by commas: `:tags: [hide-input]`"
        return
    for tag in value:
        if tag not in CELL_TAGS:
            yield f'unknown cell tag "{tag}"; {suggest(tag, CELL_TAGS)}'


def check_code(lines: Iterable[str], first: int) -> Problems:
    """Check the lines of code of a cell."""
    for line, text in enumerate(lines, first):
        for pattern, message in USELESS:
            if re.fullmatch(pattern, text):
                yield line, f"{message}: {text.strip()[:60]}"
                break


def check_width(lines: Iterable[str], first: int, options: list[str]) -> Problems:
    """Check that code which stands in the text is not cut at its edge."""
    if any(tag in text for text in options for tag in ("hide-input", "remove-input")):
        return
    for line, text in enumerate(lines, first):
        if len(text) > LONGEST:
            yield (
                line,
                f"a line of {len(text)} characters is cut at the edge of the text: break it after "
                f"at most {LONGEST}, or hide the code with `:tags: [hide-input]`",
            )

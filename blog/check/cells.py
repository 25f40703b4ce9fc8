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
# Random numbers from the seed that all share, and that seed. JAX has no such seed.
FROM_SEED = re.compile(
    r"^[^#]*(?:(?<!\bjax\.)\brandom\.(?:choices?|gauss|normal|permutation|rand|randint|randn|"
    r"randrange|random|sample|shuffle|standard_normal|uniform)\(|"
    r"\btorch\.(?:bernoulli|multinomial|normal|rand|randint|randn|randperm)\(|"
    r"\bfrom (?:numpy\.)?random import (?!.*(?:default_rng|Generator|Random|seed)))"
)
SEEDED = re.compile(
    r"\b(?:random\.seed|manual_seed|seed_everything|set_random_seed|set_seed)\(\s*\w"
)
FROM_JAX = re.compile(r"^\s*(?:from jax import .*\brandom\b|import jax\.random as random\b)", re.M)
SEEDS = "take them from np.random.default_rng(0), or any other seed"
# What is another one in each build, and what to write instead.
CHANGING = (
    (
        r"\bdefault_rng\(\s*(?:None\s*)?\)|\bRandomState\(\s*\)|\bos\.urandom\(",
        "random numbers",
        SEEDS,
    ),
    (r"\bsecrets\.\w+\(|\buuid\.uuid[14]\(", "random numbers", SEEDS),
    (
        r"\b(?:datetime|date)\.(?:now|today|utcnow)\(|\btime\.(?:ctime|localtime|strftime|time)\(",
        "the time of day",
        "write a fixed date",
    ),
    (
        r"(?:\btime\.|(?<![\w.]))(?:perf_counter|process_time|monotonic)(?:_ns)?\(|%%?time(?:it)?\b",
        "times",
        "measure them once, and keep the results in a file beside the page",
    ),
)
# Lines of code that do not do what they do elsewhere.
USELESS = (
    (
        r"\s*[!%]\s*(?:pip|conda|mamba|uv)\b.*",
        "cells cannot install packages: add the package to requirements/site.in and run "
        "`make requirements`",
    ),
    (
        r"\s*!.*|[\w, ]+=\s*!.*|%%(?:bash|sh|script|system|writefile).*|"
        r"(?!\s*#).*\b(?:os\.(?:system|popen)|subprocess\.\w+)\(.*",
        "cells run Python only, no other programs",
    ),
    (
        r"\s*%(?:ls|cd|pwd|cat|cp|mv|rm|mkdir|env|who|whos|history|run|load|edit|debug|pdb)\b.*",
        "commands for a session at the keyboard have no place on a page: leave it out",
    ),
    (r"\s*%(?:load_ext|autoreload|config)\b.*", "this has no effect on a page: leave it out"),
    (
        r"\s*(?:(?:exit|quit)(?:\(.*)?|sys\.exit\(.*|raise SystemExit.*)",
        "the cells that follow would not run: leave it out",
    ),
    (
        r"\s*(?:breakpoint\(\)|(?:pdb\.)?set_trace\(\)).*",
        "nobody is there to look while the page is built: leave it out",
    ),
    (
        r"(?!\s*#|.*\bdef )(?:.*[^\w.])?(?:input|getpass\.getpass|getpass)\(.*",
        "nobody answers while the page is built: write the value into the cell",
    ),
    (
        r"\s*(?!plt\.|.*pyplot\.)\w.*\.show\(\)\s*;?",
        "nothing opens while the page is built: make the value itself the last line, and a figure "
        "with picture(fig, alt=..., caption=...)",
    ),
    (
        r"\s*[\w.]+\?{1,2}\s*|\s*\?{1,2}[\w.]+\s*",
        "help is not shown on a page: leave it out, or call help(...)",
    ),
    (
        r"#\|\s*\w.*|:[\w-]+:\s*\[.*\]",
        "options of a cell stand in its first lines, as in `:tags: [hide-input]`",
    ),
    (
        r"\s*%matplotlib\b.*",
        "`%matplotlib` is not needed: show a figure with picture(fig, alt=..., caption=...) from "
        "cnnlib.explain",
    ),
    (
        r""".*(?<![\w/])["'](?:/(?:home|Users|root|mnt|tmp|content|kaggle)/|~/|[A-Za-z]:\\|file:).*""",
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
    seeded = any(SEEDED.search(cell.content) or FROM_JAX.search(cell.content) for cell in cells)
    for cell in cells:
        for line, text in enumerate(cell.content.split("\n"), line_of(cell) + 1):
            found = [(what, instead) for pattern, what, instead in CHANGING if _uses(pattern, text)]
            if not seeded and FROM_SEED.search(text):
                seeds = "call torch.manual_seed(0) before" if "torch." in text else SEEDS
                found = [("random numbers", seeds)]
            for what, instead in found[:1]:
                differ = "differ" if what.endswith("s") else "differs"
                yield line, f"{what} that {differ} in each build: {instead}: {text.strip()[:60]}"


def _uses(pattern: str, text: str) -> bool:
    """Return whether a line of code has a pattern before any comment."""
    found = re.search(pattern, text)
    return bool(found and "#" not in text[: found.start()])


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

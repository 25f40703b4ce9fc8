"""Check the front matter of a page: which keys it has, and whether their values are valid."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import yaml
from babel.core import Locale, UnknownLocaleError

PAGE_KEYS = ("description", "hide-toc", "orphan", "nosearch", "file_format", "kernelspec", "mystnb")
POST_KEYS = (
    *("blogpost", "date", "updated", "redirect", "tags", "category", "author", "lang"),
    *("series", "image"),
)
# Keys of other programs, and what stands for them here.
ELSEWHERE = {
    "title": "the title is the heading with one #, below the front matter",
    "draft": "keep unfinished posts in drafts/",
    "published": "keep unfinished posts in drafts/",
    "excerpt": "lists show the description",
    "summary": "lists show the description",
    "subtitle": "the description stands below the title",
    "abstract": "the description stands below the title",
    "authors": "write it as author, and several with commas between them",
    "language": "write it as lang",
    "slug": "the address is the name of the file",
    "permalink": "the address is the name of the file; an old one goes into redirect",
    "aliases": "old addresses go into redirect",
    "categories": "category takes one category",
    "keywords": "write them as tags",
    "lastmod": "write it as updated",
    "modified": "write it as updated",
    "jupytext": "write file_format: mystnb",
}
# So many unknown keys show that a post was written for another program; two, if the title is among
# them.
FOREIGN = 3
CONVERT = "let `make post FROM=` and the name of this file convert it"
DATE_FORMATS = "YYYY-MM-DD (2021-08-17) or Mon D, YYYY (Aug 17, 2021)"
DESCRIPTION = 20, 200  # letters
# What `make post` writes in place of a description.
PLACEHOLDER = "Summarise in one sentence what readers will learn."
# Of Chinese or Japanese, where one says about as much as three letters.
CHARACTER = re.compile("[\u3041-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
# Markdown and HTML, which a description does not hold.
MARKDOWN = re.compile(r"\$[^$]+\$|`[^`]+`|\*\*|\]\(|(?<!\w)([*_])\w[^*_]*\w\1(?!\w)|</?[a-z]+>")
# What YAML's messages mean, by a part of them.
QUOTES = 'put the text in quotes, as in description: "What it does: a summary"'
YAML_ADVICE = {
    "character '\\t'": "a tab, which is not allowed here: write spaces",
    "mapping values are not allowed here": (
        f"a text with a colon in it; {QUOTES}; or a line that begins with a space"
    ),
    "sequence entries are not allowed here": f"a text that begins with a dash; {QUOTES}",
    "undefined alias": f"a text that begins with *; {QUOTES}",
    "unhashable key": "a key is a single word, as in `tags: cnn`",
    "found another document": "a line that begins with `---` ends the front matter: leave it out",
    "cannot start any token": f"a text that begins with a special sign; {QUOTES}",
    "expected alphabetic or numeric character": f"a text that begins with * or &; {QUOTES}",
    "expected <block end>": f"a line that goes on after a closing quote or bracket; {QUOTES}",
    "could not find expected ':'": (
        "a line without `key: ` before its text; write `key: text`, with a space after the colon"
    ),
    "expected ',' or ']'": "a bracket [ that is never closed; write the text without brackets",
    "expected ',' or '}'": "a brace { that is never closed; write the text in quotes",
    "while scanning a quoted scalar": "a quote that is never closed",
    "unexpected end of stream": "a quote that is never closed; end the text with it",
}
# Letters that Unicode does not decompose into an ASCII letter and a diacritic.
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})
# Signs that look like a space or like nothing, where YAML takes them for letters. In the text of a
# description they have their uses.
INVISIBLE = re.compile(
    "^(?!description: | +\\S).*?([\u00a0\u00ad\u200b-\u200f\u2060\ufeff])", re.MULTILINE
)
# Line number and message of each problem.
Problems = Iterator[tuple[int, str]]
# Line number, value and source text of each key.
Entries = dict[str, tuple[int, object, str]]


@dataclass(frozen=True)
class Subjects:
    """The tags, the categories and the authors that posts may name."""

    tags: tuple[str, ...]
    categories: tuple[str, ...]
    authors: tuple[str, ...] = ()


def suggest(word: str, known: tuple[str, ...]) -> str:
    """Suggest the known word closest to a misspelt one, or list all known words."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    if close:
        return f'did you mean "{by_lower[close[0]]}"?'
    return "allowed: " + ", ".join(known)


def slug(text: str) -> str:
    """Convert text to the form it takes in a URL: ASCII letters, digits and hyphens."""
    text = text.lower().translate(LETTERS)
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", ascii_only))


def is_language(text: str) -> bool:
    """Return whether a text is the name of a language.

    >>> [is_language(name) for name in ("de", "zh_CN", "zh-CN", "German", "xx")]
    [True, True, True, False, False]
    """
    try:
        return bool(Locale.parse(text.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        return False


def read_date(text: str) -> date | None:
    """Parse a date in one of the two accepted formats; return None if it is invalid."""
    formats = {r"\d{4}-\d\d-\d\d": "%Y-%m-%d", r"[A-Z][a-z]{2} \d{1,2}, \d{4}": "%b %d, %Y"}
    for pattern, date_format in formats.items():
        if re.fullmatch(pattern, text, flags=re.ASCII):
            try:
                return datetime.strptime(text, date_format).date()
            except ValueError:
                return None
    return None


def split_front_matter(text: str) -> tuple[str | None, int]:
    """Return the front matter of a page and the line number of its closing ``---``.

    Without front matter, return None and 0; if it is not closed, None and -1.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, 0
    for number, line in enumerate(lines[1:], 2):
        if line.rstrip() == "---":
            return "\n".join(lines[1 : number - 1]), number
    return None, -1


def parse_entries(text: str) -> Entries:
    """Return the line number, the value and the source text of each key.

    Raises
    ------
    yaml.MarkedYAMLError
        If the text is not valid YAML, is not a mapping, or has duplicate keys.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise yaml.MarkedYAMLError(
            problem="expected lines of `key: value`", problem_mark=node.start_mark
        )
    values = yaml.load(text, Loader=yaml.BaseLoader)  # all scalars stay strings, dates too
    found: Entries = {}
    for name, value in node.value:
        if name.value in found:
            problem = f"duplicate key {name.value}"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=name.start_mark)
        if value.tag.startswith(("!", "tag:yaml.org,2002:python")):
            raise yaml.MarkedYAMLError(
                problem=f"a text that begins with an exclamation mark; {QUOTES}",
                problem_mark=value.start_mark,
            )
        plain = value.value if isinstance(value, yaml.ScalarNode) else ""
        found[name.value] = (name.start_mark.line + 2, values[name.value], plain)
    return found


def explain_yaml(error: yaml.MarkedYAMLError) -> str:
    """Return what is wrong with some lines of YAML, and what to write instead."""
    problem = error.problem or "not valid YAML"
    for words, advice in YAML_ADVICE.items():
        if words in problem:
            return f"{advice} ({problem})"
    return problem


def check_front_matter(
    text: str,
    subjects: Subjects,
    *,
    post: bool = False,
    draft: bool = False,
    front: bool = False,
    cells: bool = False,
    preview: bool = False,
) -> Problems:
    """Yield the line number and the message of each problem in a page's front matter.

    Parameters
    ----------
    text : str
        The source of the page.
    subjects : Subjects
        The allowed tags and categories.
    post, draft, front, cells, preview : bool
        Whether the page is a post; a draft, whose date may be in the future; the front page, whose
        description is in conf.py; whether it has code cells; and whether only its author will see
        it, so that it needs no description of its own yet.
    """
    keys, end = split_front_matter(text)
    if keys is None:
        yield 1, explain_missing(text, closed=not end)
        return
    if sign := INVISIBLE.search(keys):
        yield (
            keys[: sign.start(1)].count("\n") + 2,
            f"the invisible sign U+{ord(sign[1]):04X} is there: delete it, or write a space",
        )
        return
    try:
        found = parse_entries(keys)
    except yaml.MarkedYAMLError as error:
        # What is missing on one line is often noticed on the next one.
        begun = error.context_mark if error.context == "while scanning a simple key" else None
        mark = begun or error.problem_mark
        line = mark.line + 2 if mark else 1
        yield line, f"invalid front matter: {explain_yaml(error)}"
        return
    others = [name for name in found if name not in known_keys(post)]
    if len(others) >= FOREIGN - ("title" in others):  # what else is wrong has the same cause
        named = f"{', '.join(others[:-1])} and {others[-1]}"
        yield found[others[0]][0], f"{named} are keys of another program: {CONVERT}"
        return
    yield from _check_keys(found, post)
    if not front or found.get("description", (0, ""))[1]:
        yield from _check_described(found, keys, preview)
    if cells and "file_format" not in found:
        yield 1, "file_format: missing; a page with code cells needs `file_format: mystnb`"
    for name in REQUIRED if post else ():
        if name not in found:
            yield 1, f"{name}: missing; a post needs {REQUIRED[name]}"
    rules = PAGE_RULES | (POST_RULES if post else {}) | ({"date": _check_date} if draft else {})
    for name, rule in rules.items():
        if name in found:
            line, value, plain = found[name]
            messages = _check_value(name, rule, value, plain, subjects)
            yield from ((line, f"{name}: {message}") for message in messages)
    first, last = (read_date(found.get(name, (0, "", ""))[2]) for name in ("date", "updated"))
    if first and last and last < first:
        yield found["updated"][0], f"updated: {found['updated'][2]} is before the date of the post"


def known_keys(post: bool) -> tuple[str, ...]:
    """Return the keys that a post, or another page, may have."""
    return (*POST_KEYS, *PAGE_KEYS) if post else PAGE_KEYS


def _check_keys(found: Entries, post: bool) -> Problems:
    """Check that the keys are those of a post or of another page."""
    known = known_keys(post)
    kind = "post" if post else "page"
    for name, (line, _, _) in found.items():
        if name not in known:
            instead = ELSEWHERE.get(name.lower()) or suggest(name, known)
            yield line, f'"{name}" is not a valid key for a {kind}; {instead}'


def _check_described(found: Entries, keys: str, preview: bool) -> Problems:
    """Check that there is a description of the author's own, and what it is made of."""
    line, value, _ = found.get("description", (1, "", ""))
    text = str(value).strip()
    if not text:
        yield line, "description: missing; summarise the page in one sentence"
    elif text != PLACEHOLDER:
        written = keys.split("\n")[line - 2]
        messages = _check_description(text, value, written)
        yield from ((line, f"description: {message}") for message in messages)
    elif not preview:
        yield (
            line,
            "description: this is what `make post` wrote; say in a sentence of your own what "
            "readers will learn, or keep the page in drafts/ until then",
        )


def _check_value(
    name: str, rule: Rule, value: object, plain: str, subjects: Subjects
) -> Iterator[str]:
    """Check that a value has the form of its key, then its own rule."""
    if rule in STRUCTURED:
        yield from rule(value, plain, subjects)
    elif not isinstance(value, str):
        advice = " and with commas between them" if name in SEVERAL else ""
        yield f"write it on the line of its key, without brackets{advice}"
    elif not plain.strip() and name not in REQUIRED:
        yield "empty: write what it is, or leave the line out"
    else:
        yield from rule(value, plain, subjects)


def explain_missing(text: str, *, closed: bool) -> str:
    r"""Return what is wrong with a page that has no front matter.

    >>> explain_missing("+++\ntitle = 'a'\\n+++", closed=True)[:44]
    'front matter in TOML is not recognized: let '
    """
    if not closed:
        return "the front matter is not closed: a line `---` is missing"
    if text.startswith("+++"):
        return f"front matter in TOML is not recognized: {CONVERT}"
    if re.match(r"(?:title|date|slug|tags|category): ", text, re.IGNORECASE):
        return f"front matter stands between two lines `---`: {CONVERT}"
    return "no front matter: start the page with `---`, the keys, and another `---`"


Rule = Callable[[object, str, Subjects], Iterator[str]]
REQUIRED = {
    "date": f"a date: {DATE_FORMATS}",
    "tags": "at least one tag",
    "category": "a category",
}


# Keys that may hold several texts.
SEVERAL = ("tags", "author", "redirect")


def _check_description(text: str, value: object, written: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield "write it as a sentence, without a bracket, a brace or a dash before it"
        return
    if " #" in written and "#" not in text:
        yield f"what follows ` #` is left out; {QUOTES}"
        return
    shortest, longest = DESCRIPTION
    wide = len(CHARACTER.findall(text))
    letters = len(text) + 2 * wide
    if not shortest <= letters <= longest:
        counted = ", if each Chinese or Japanese one counts as three" if wide else ""
        yield (
            f"{letters} characters{counted}; lists and search engines show a sentence of "
            f"{shortest} to {longest}"
        )
    if found := MARKDOWN.search(text):
        yield f"it is shown as plain text, so write it without Markdown: {found[0]}"


def _check_date(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if read_date(text) is None:
        yield f'"{text}" is not a valid date; use {DATE_FORMATS}'


def _check_past_date(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    yield from _check_date(value, text, subjects)
    day = read_date(text)
    # The easternmost time zone is UTC+14: later dates have not begun anywhere.
    if day and day > (datetime.now(UTC) + timedelta(hours=14)).date():
        yield f"{text} is in the future; keep the page in drafts/ until then"


def _check_redirect(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    for old in text.split(","):
        if not re.fullmatch(r"[\w-]+(/[\w-]+)*", old.strip(), flags=re.ASCII):
            yield (
                f'"{old.strip()}" is not an old address; write it without .html and from the root '
                "of the site, such as posts/2021/old-name, and several with commas between them"
            )


def _check_tags(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if not text.strip():
        yield "write the tags on one line, separated by commas"
        return
    yield from _check_names(text, "tag", subjects.tags, "in posts/subjects.toml")


def _check_category(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if text not in subjects.categories:
        yield f'"{text}" is not in posts/subjects.toml; {suggest(text, subjects.categories)}'


def _check_author(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    yield from _check_names(text, "author", subjects.authors, "among `authors` in conf.py")


def _check_names(text: str, kind: str, known: tuple[str, ...], listed: str) -> Iterator[str]:
    """Check names with commas between them: each is known, and none stands twice."""
    names = [name.strip() for name in text.split(",")]
    if "" in names:
        yield f"an empty {kind}: leave out the comma beside it"
    for name in filter(None, names):
        if name not in known:
            yield f'"{name}" is not {listed}; {suggest(name, known)}'
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield f'duplicate {kind} "{name}"'


def _check_lang(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if not is_language(text):
        yield f'"{text}" is not the name of a language, such as en, de, fr or zh-CN'


def _one_of(*allowed: object) -> Rule:
    def rule(value: object, text: str, subjects: Subjects) -> Iterator[str]:
        if text not in allowed:
            yield f'"{text}" is not allowed here; allowed: {", ".join(map(str, allowed))}'

    return rule


def _check_blogpost(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if text != "true":
        yield f'"{text}" does not prevent publication; keep unfinished posts in drafts/'


def _check_number(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if not re.fullmatch(r"[1-9]\d{0,2}", text, flags=re.ASCII):
        yield f'"{text}" is not a whole number from 1 on'


def _check_kernel(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("name") != "python3":
        yield f"{value} is not allowed here; allowed: name: python3"


def _check_mystnb(value: object, text: str, subjects: Subjects) -> Iterator[str]:
    settings = value if isinstance(value, dict) else {text: None}
    for name, seconds in settings.items():
        if name != "execution_timeout":
            yield f'"{name}" is not allowed here; allowed: execution_timeout'
        elif not re.fullmatch(r"[1-9]\d*", str(seconds)):
            yield f"execution_timeout: {seconds} is not a number of seconds"


POST_RULES: dict[str, Rule] = {
    "blogpost": _check_blogpost,
    "date": _check_past_date,
    "updated": _check_past_date,
    "redirect": _check_redirect,
    "tags": _check_tags,
    "category": _check_category,
    "series": _check_number,
    "image": _check_number,
    "author": _check_author,
    "lang": _check_lang,
}
# Of values that are no plain text, and of those that say themselves what to write.
STRUCTURED = (_check_kernel, _check_mystnb, _check_blogpost, _check_tags)
PAGE_RULES: dict[str, Rule] = {
    "hide-toc": _one_of("true", "false"),
    "orphan": _one_of("true", "false"),
    "nosearch": _one_of("true", "false"),
    "file_format": _one_of("mystnb"),
    "kernelspec": _check_kernel,
    "mystnb": _check_mystnb,
}

"""MyST Markdown as plain Markdown, for notebooks: other programs know no directives and roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

FENCE = re.compile(r"^ {0,3}(?P<marks>`{3,}|~{3,}|:{3,})(?:\{(?P<name>[\w:-]+)\})?(?P<rest>.*)$")
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
# Code within a line is left as it is.
CODE = r"(?<![`}])(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)"
ROLE = re.compile(r"\{(?P<name>[\w:-]+)\}`(?P<text>[^`]*)`")
TITLED = re.compile(r"(?P<title>.*\S)\s*<(?P<target>[^<>]+)>", re.DOTALL)
LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]+)\)(?:\{[^{}]*\})?")
NOTE = re.compile(r" ?\[\^(?P<name>[^\[\]]+)\](?P<defines>:)?")
SUBSTITUTION = re.compile(r"\{\{\s*(\w+)\s*\}\}")
TERM = re.compile(r"^(?P<term>\S.*)\n:[ ]+(?P<text>.*)$", re.MULTILINE)
FOLD = re.compile(r"^</?details[^>]*>\n*", re.MULTILINE)
SUMMARY = re.compile(r"<summary>(.*?)</summary>")
LABEL = re.compile(r"^(?:\([\w-]+\)=|%.*|\+\+\+.*)$\n?", re.MULTILINE)
ADMONITIONS = ("note", "tip", "hint", "important", "warning", "caution", "attention", "seealso")
NOT_SHOWN = ("toctree", "eval-rst")
# Returns the address and the title of a page or a label; the address is "" if there is none.
Resolve = Callable[[str, str], tuple[str, str]]


@dataclass
class PlainText:
    """Converts the Markdown cells of one notebook.

    Attributes
    ----------
    resolve : callable
        Given what a link or role is called and its target, returns address and title.
    substitutions : mapping of str to str
        What stands for ``{{ name }}``.
    """

    resolve: Resolve
    substitutions: Mapping[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def convert(self, text: str) -> str:
        """Return a cell's text as plain Markdown.

        >>> text = PlainText(lambda kind, target: ("https://example.org/b.html", "B"))
        >>> text.convert("See {doc}`b` and [this](b.md).")
        'See [B](https://example.org/b.html) and [this](https://example.org/b.html).'
        """
        lines = SUBSTITUTION.sub(self._substitute, text).split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._blocks(lines))).strip()

    def _substitute(self, found: re.Match[str]) -> str:
        return str(self.substitutions.get(found[1], found[0]))

    def _blocks(self, lines: list[str]) -> Iterable[str]:
        prose: list[str] = []
        while lines:
            line = lines.pop(0)
            fence = FENCE.match(line)
            if not fence:
                prose.append(line)
                continue
            yield self._prose("\n".join(prose))
            prose, body, marks = [], [], fence["marks"]
            while lines and not re.fullmatch(rf" {{0,3}}{marks[0]}{{{len(marks)},}}\s*", lines[0]):
                body.append(lines.pop(0))
            end = lines.pop(0) if lines else marks
            if fence["name"] is None and marks[0] != ":":
                yield "\n".join([line, *body, end])
            else:
                yield self._directive(fence["name"] or "", fence["rest"].strip(), body)
        yield self._prose("\n".join(prose))

    def _directive(self, name: str, argument: str, body: list[str]) -> str:
        """Return what a directive says."""
        options = {}
        while body and (option := OPTION.match(body[0])):
            options[option[1]] = option[2]
            body = body[1:]
        if name in NOT_SHOWN:
            return ""
        if name == "operations":
            return ", ".join(f"`{word}`" for word in " ".join(body).split()) + "."
        if name == "math":
            return "\n".join(["$$", *body, "$$"])
        if name.startswith("code"):
            return "\n".join([f"```{argument}", *body, "```"])
        text = "\n".join(self._blocks(body)).strip()
        if name in ("figure", "image"):
            alt = options.get("alt", "")
            return "\n\n".join(filter(None, [alt and f"*{alt}*", text]))
        if name in ADMONITIONS or name == "admonition":
            title = argument if name == "admonition" else name.capitalize()
            first = "" if name == "admonition" else argument
            quoted = "\n\n".join(filter(None, [f"**{title}**", self._prose(first), text]))
            return "\n".join(f"> {line}".rstrip() for line in quoted.split("\n"))
        return "\n\n".join(filter(None, [self._prose(argument), text]))

    def _prose(self, text: str) -> str:
        """Convert what stands outside of fences."""
        text = SUMMARY.sub(r"**\1**", FOLD.sub("", LABEL.sub("", text)))
        text = TERM.sub(r"- \g<term>: \g<text>", text)
        text = re.sub(rf"{ROLE.pattern}|{CODE}", self._role, text, flags=re.DOTALL)
        return re.sub(rf"{LINK.pattern}|{NOTE.pattern}|{CODE}", self._link, text, flags=re.DOTALL)

    def _role(self, found: re.Match[str]) -> str:
        if found["name"] is None:
            return found[0]
        kind, text = found["name"], found["text"]
        if kind == "math":
            return f"${text}$"
        titled = TITLED.fullmatch(text)
        target = titled["target"] if titled else text
        if kind in ("doc", "ref", "numref", "cite"):
            address, title = self.resolve(kind, target)
            words = titled["title"] if titled else title
            return f"[{words}]({address})" if address else words
        return f"`{(titled['title'] if titled else text).lstrip('~')}`"

    def _link(self, found: re.Match[str]) -> str:
        if found["name"]:
            if found["name"] not in self.notes:
                self.notes.append(found["name"])
            number = f"[{self.notes.index(found['name']) + 1}]"
            return number if found["defines"] else f" {number}"
        target = found["target"]
        if target is None or re.match(r"[a-z]+:", target):
            return re.sub(r"\)\{[^{}]*\}$", ")", found[0]) if target else found[0]
        if found["image"]:
            return f"*{found['text']}*"
        address, _ = self.resolve("link", target)
        return f"[{found['text']}]({address})" if address else found["text"]

"""The feed obeys what RFC 4287 says of a feed and its entries, rule by rule."""

import re
from urllib.parse import urlsplit

import pytest
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
ONCE = {
    "feed": ("id", "title", "updated"),
    "entry": ("id", "title", "updated"),
}
AT_MOST_ONCE = {
    "feed": ("generator", "icon", "logo", "rights", "subtitle"),
    "entry": ("content", "published", "rights", "source", "summary"),
}


def broken_rules(text):
    """Return what RFC 4287 forbids in a feed (the numbers are those of its sections)."""
    root = etree.fromstring(text)
    if root.tag != f"{ATOM}feed":
        return ["4.1.1 the root is no feed"]
    broken = []
    entries = root.findall(f"{ATOM}entry")
    for kind, elements in (("feed", [root]), ("entry", entries)):
        for element in elements:
            for name in ONCE[kind]:
                if len(element.findall(ATOM + name)) != 1:
                    broken.append(f"4.1 {kind}: not exactly one {name}")
            for name in AT_MOST_ONCE[kind]:
                if len(element.findall(ATOM + name)) > 1:
                    broken.append(f"4.1 {kind}: more than one {name}")
            rels = [link.get("rel", "alternate") for link in element.findall(f"{ATOM}link")]
            if (
                element.find(f"{ATOM}content") is None
                and kind == "entry"
                and "alternate" not in rels
            ):
                broken.append("4.1.2 entry: neither content nor a link to it")
            if kind == "feed" and "self" not in rels:
                broken.append("4.1.1 feed: no link to itself")
    if root.find(f"{ATOM}author") is None:
        broken += ["4.1.2 no author"] * sum(e.find(f"{ATOM}author") is None for e in entries)
    for person in root.iter(f"{ATOM}author", f"{ATOM}contributor"):
        if not (person.findtext(f"{ATOM}name") or "").strip():
            broken.append("3.2 a person without a name")
    for time in root.iter(f"{ATOM}updated", f"{ATOM}published"):
        if not re.fullmatch(TIME, time.text or ""):
            broken.append(f"3.3 no date: {time.text}")
    for name in root.iter(f"{ATOM}id"):
        if not urlsplit(name.text or "").scheme:
            broken.append(f"4.2.6 an id that is no absolute address: {name.text}")
    names = [entry.findtext(f"{ATOM}id") for entry in entries]
    broken += [f"4.1.1 two entries with the id {n}" for n in set(names) if names.count(n) > 1]
    for link in root.iter(f"{ATOM}link"):
        if not urlsplit(link.get("href", "")).scheme:
            broken.append(f"4.2.7 a link that is not absolute: {link.get('href')}")
    for words in root.iter(f"{ATOM}title", f"{ATOM}summary", f"{ATOM}subtitle", f"{ATOM}content"):
        kind = words.get("type", "text")
        if kind in ("text", "html") and len(words):
            broken.append(f"3.1 elements within {kind}")
        if kind == "xhtml" and [child.tag for child in words] != [
            "{http://www.w3.org/1999/xhtml}div"
        ]:
            broken.append("3.1.1.3 xhtml without its div")
    for element in root.iter():
        if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", element.get(LANG, "en")):
            broken.append(f"2 no language: {element.get(LANG)}")
    return broken


@pytest.fixture(scope="module")
def text(site):
    return (site / "posts" / "atom.xml").read_bytes()


def test_the_feed_of_this_blog_breaks_no_rule(text):
    assert broken_rules(text) == []
    assert text.count(b"</entry>") >= 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("<id>.*?</id>", "", "not exactly one id"),
        ("<updated>", "<updated>on ", "3.3 no date: on 2"),
        ("<title>", "<title>a</title><title>", "not exactly one title"),
        ('xml:lang="', 'xml:lang="zh_', "2 no language: zh_"),
        ('rel="self"', 'rel="via"', "no link to itself"),
        ("<name>.*?</name>", "<name> </name>", "a person without a name"),
        ('href="http', 'href="/http', "a link that is not absolute"),
        ("<id>http", "<id>/http", "an id that is no absolute address"),
        ("<subtitle>", "<subtitle><b/>", "elements within text"),
        ("(<entry.*?</entry>)", r"\1\1", "two entries with the id"),
        ("<entry.*?</entry>", "<entry><id>a:b</id></entry>", "neither content nor a link to it"),
    ],
)
def test_a_feed_that_breaks_a_rule_is_found(text, old, new, message):
    bad, times = re.subn(old.encode(), new.encode(), text, count=1, flags=re.DOTALL)
    assert times == 1
    assert any(message in rule for rule in broken_rules(bad))

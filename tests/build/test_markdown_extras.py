"""Markdown that people expect: tasks, strikethrough, bare links, aligned and numbered equations."""

from tests.build.tiny import CONF, build


def test_tasks_strikethrough_and_bare_links(tmp_path):
    text = "# Title\n\n- [ ] one\n- [x] two\n\n~~gone~~ https://example.org/a, and more.\n"
    built = build(tmp_path, text, "blog.ext.accessibility")
    assert built.messages == []
    page = built.page()
    items = page.select("li.task-list-item")
    tasks = [(item.span["aria-label"], item.get_text()) for item in items]
    assert tasks == [("To do", "☐ one"), ("Done", "☑ two")]
    assert page.s.get_text() == "gone"
    assert page.select_one("a[href='https://example.org/a']").get_text() == "https://example.org/a"


def test_a_table_with_a_caption_has_its_name_once(tmp_path):
    text = "# Title\n\n```{table} Counts\n:name: counts\n\n| a |\n| --- |\n| 1 |\n```\n"
    conf = CONF.replace('"basic"', '"furo"')
    page = build(tmp_path, text, "blog.ext.accessibility", conf=conf).page()
    assert [node.name for node in page.find_all(id="counts")] in (["table"], ["span"])
    ids = [node["id"] for node in page.select("article [id]")]
    assert len(ids) == len(set(ids))


def test_equations_have_one_number_and_one_id_each(tmp_path):
    text = """# Title

\\begin{align}
a &= b \\\\
c &= d
\\end{align}

$$ e $$ (last)

```{math}
:label: rows
a &= b \\\\
c &= d
```

See {eq}`last` and {eq}`rows`. It costs $5 and then $6 more.
"""
    first = build(tmp_path, text)
    assert first.messages == []
    page = first.page()
    numbers = [number.get_text().removesuffix("#") for number in page.select(".eqno")]
    assert [number[:3] for number in numbers] == ["(1)", "(2)", "(3)"]
    ids = [node["id"] for node in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    assert [link.get_text() for link in page.select("p a")][:2] == ["(2)", "(3)"]
    assert "It costs $5 and then $6 more." in page.get_text()
    assert str(build(tmp_path, text).page()) == str(page)


def test_headings_without_latin_letters_have_anchors_of_their_own(tmp_path):
    built = build(tmp_path, "# Title\n\n## 卷积\n\n[there](#池化)\n\n## 池化\n")
    assert built.messages == []
    page = built.page()
    assert page.find(id="池化").find_parent("section") != page.find(id="卷积").find_parent(
        "section"
    )

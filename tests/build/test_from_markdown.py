"""A page of another blog becomes a post: its front matter, its text and its name."""

from datetime import date

import pytest

from blog.build.from_markdown import convert_markdown
from blog.build.new_post import convert, own_name, write_post
from blog.build.other_front_matter import is_draft, read_front_matter, translate
from blog.build.other_markdown import convert_text
from blog.check.front_matter import Subjects

SUBJECTS = Subjects(("cnn", "vision"), ("Deep Learning",))
JEKYLL = """\
---
layout: post
title:  "What a blur does"
date:   2019-02-03 00:30:00 +0800
excerpt: "How a small kernel makes a picture soft."
categories: [Deep Learning, Vision]
tags: cnn
permalink: /2019/blur.html
mathjax: true
---

* TOC
{:toc}

# Blur

> A blur is a mean.
{: .prompt-info }

{% highlight python linenos %}
# one
x = 1
{% endhighlight %}

The kernel $$k$$ has \\\\(n\\_1\\\\) rows; it is
$$
k = 1/9
$$
![A cat]({{ site.baseurl }}/a.png){: width="9" .left}

## Sharpen {#sharp}
"""
POST = """\
---
date: 2019-02-03
description: How a small kernel makes a picture soft.
category: Deep Learning
tags: Vision, cnn
redirect: 2019/blur
blogpost: true
file_format: mystnb
kernelspec:
  name: python3
---

# What a blur does

## Blur

:::{note}
A blur is a mean.
:::

```python
# one
x = 1
```

The kernel $k$ has $n_1$ rows; it is

$$
k = 1/9
$$

![A cat](/a.png)

### Sharpen
"""


@pytest.fixture
def page(tmp_path):
    def write(text, name="2019-02-03-Blur.md"):
        path = tmp_path / "old" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_post_of_jekyll_becomes_one_of_this_blog(page, check_page, tmp_path):
    found = convert(page(JEKYLL))
    post = write_post(found.title, found.body, SUBJECTS, date(2019, 2, 3), found.front)
    assert post == POST
    assert found.left_out == ("layout", "mathjax")
    (tmp_path / "a.png").write_bytes(b"")
    assert check_page(post.replace("Vision, ", ""), "posts/2019/blur.md") == []


@pytest.mark.parametrize(
    ("text", "front", "title"),
    [
        (
            '+++\ntitle = "A"\ndate = 2019-02-03T10:00:00Z\ntags = ["cnn", "x, y"]\n'
            'aliases = ["/old/"]\n+++\n',
            "date: 2019-02-03\ntags: cnn, x y\nredirect: old",
            "A",
        ),
        (
            "Title: A\nDate: 2019-02-03 18:50\nTags: cnn,vision\n",
            "date: 2019-02-03\ntags: cnn, v",
            "A",
        ),
        (
            "<!--\n.. title: A\n.. date: 2019-02-03 UTC\n.. tags: cnn\n.. category: \n-->\n",
            "date: 2019-02-03\ntags: cnn",
            "A",
        ),
        (
            "# A\n> What it is.\n\n- toc: true\n- categories: [cnn, vision]\n- author: Ann\n",
            "date: 2019-02-03\ndescription: What it is.\ncategory: cnn\ntags: vision",
            "A",
        ),
        (
            '# "A"\n\n> No: a\n- toc: true \n- description: "What: so"\n- tags: [cnn]\n- x: a: b',
            "date: 2019-02-03\ndescription: 'What: so'\ntags: cnn",
            "A",
        ),
        (
            "---\ndate:\n  created: 2019-02-03\ntags: cnn vision\n---\n# A",
            "date: 2019-02-03\ntags: c",
            "A",
        ),
        ("---\ntitle: A\nlang: de\nauthors: [ann]\n---\n", "date: 2019-02-03\nlang: de", "A"),
        ("Text.", "date: 2019-02-03", "Blur"),
        ("---\ntitle: 'B: b'\nimage: a.png\n---\n# B b\n", "date: 2019-02-03", "B: b"),
    ],
)
def test_front_matter_of_other_programs(page, text, front, title):
    found = convert_markdown(page(f"{text}\n\nText.\n"))
    assert found.front.startswith(front)
    assert (found.title, found.body.replace("Text.\n\n", "")) == (title, "Text.\n")


def test_code_of_jupytext_runs(page):
    text = '---\njupytext:\n  formats: ipynb,md\n---\n\n# A\n\n```python tags=["x"]\n1\n```\n'
    assert convert(page(text)).body == "```{code-cell} python\n1\n```\n"
    assert convert(page(text.replace("jupytext", "other"))).body == "```python\n1\n```\n"


@pytest.mark.parametrize(
    ("keys", "draft"),
    [
        ({"draft": "true"}, True),
        ({"published": "false"}, True),
        ({"Status": "draft"}, True),
        ({"draft": "false"}, False),
    ],
)
def test_drafts(keys, draft):
    assert is_draft(keys) == draft


CONVERTED = {
    "note of GitHub": ("> [!WARNING]\n> One.\n>\n> Two.", ":::{warning}\nOne.\n\nTwo.\n:::\n\n"),
    "note of Obsidian": ("> [!faq]- Why?\n> So.", ":::{note}\n**Why?**\n\nSo.\n:::\n\n"),
    "note of Quarto": (
        '::: {.callout-tip collapse="true"}\n## Short\n\nText.\n:::',
        ":::{tip}\n**Short**\n\n\nText.\n:::".replace("\n\n\n", "\n\n"),
    ),
    "note in the margin": ("::: {.column-margin}\nText.\n:::", ":::{margin}\nText.\n:::"),
    "note of Docusaurus": (":::info[Why]\n\nSo.\n:::", ":::{note}\n**Why**\n\nSo.\n:::"),
    "note of VuePress": ("::: tip Short\nText.\n:::", ":::{tip}\n**Short**\n\nText.\n:::"),
    "note of MkDocs": (
        '!!! note "Why"\n    So.\n\nText.',
        ":::{note}\n**Why**\n\nSo.\n:::\n\nText.",
    ),
    "note of Hugo": ('{{< notice "info" >}}\nSo.\n{{< /notice >}}', ":::{note}\nSo.\n:::"),
    "note of fastpages": ("> Tip: So.", ":::{tip}\nSo.\n:::"),
    "note by a file": ('{% include info.html text="So." %}', ":::{note}\nSo.\n:::"),
    "own note": (":::{tip}\nText.\n:::", ":::{tip}\nText.\n:::"),
    "own note with words": (":::{hint} One\nTwo.\n:::", ":::{hint} One\nTwo.\n:::"),
    "own label": ("So\n\n$$ a $$ (b)\n\n$$ c $$ {#d}", "So\n\n$$ a $$ (b)\n\n$$ c $$ (d)"),
    "figure": ('{{< figure src="a.png" caption="A cat" >}}', "![A cat](a.png)"),
    "figure by a file": ("{% include figure.html path='a.png' alt='A' %}", "![A](a.png)"),
    "code of Hugo": (
        "{{< highlight go >}}\nx\n{{< /highlight >}}",
        "```go\nx\n```",
    ),
    "code with a title": ('```py title="a.py" {1,3}\nx\n```', "```py\nx\n```"),
    "code without a language": ("```plaintext\nx\n```", "```text\nx\n```"),
    "code in a language of another name": ("```cmd\nx\n```", "```bat\nx\n```"),
    "code in an unknown language": ("```markmap\nx\n```", "```text\nx\n```"),
    "diagram": ("```mermaid\nx\n```", "```mermaid\nx\n```"),
    "code of Pandoc": ("``` {.r .numbers}\nx\n```", "```r\nx\n```"),
    "cell of Quarto": ("```{python}\nx\n```", "```{code-cell} python\nx\n```"),
    "cell of another language": ("```{r a, echo=FALSE}\nx\n```", "```r\nx\n```"),
    "own cell": ("```{code-cell} python\nx\n```", "```{code-cell} python\nx\n```"),
    "nothing in code": (
        "```text\n\\\\(a\\\\) {: .b } $$c$$\n```\n`\\\\(a\\\\)` `{: .b }`",
        "```text\n\\\\(a\\\\) {: .b } $$c$$\n```\n`\\\\(a\\\\)` `{: .b }`",
    ),
    "text that Jekyll leaves": ("```\n{% raw %}{{ a }}{% endraw %}\n```", "```\n{{ a }}\n```"),
    "formulas": ("\\(a\\) and \\\\[ b \\\\]", "$a$ and \n\n$$\nb\n$$\n"),
    "formulas with spaces": ("So $ a_1 $, $5 and $6, $$ b $$.", "So $a_1$, $5 and $6, $b$."),
    "label of Quarto": ("$$\na\n$$ {#eq-a}\n\n@eq-a", "$$\na\n$$ (eq-a)\n\n{eq}`eq-a`"),
    "label of TeX": (
        "$$\n\\begin{equation}\na\n\\label{eq:a}\n\\end{equation}\n$$\n\nBy \\eqref{eq:a}.",
        "$$\na\n$$ (eq:a)\n\nBy {eq}`eq:a`.",
    ),
    "environment of TeX": ("\\begin{equation}\\label{b}\na\n\\end{equation}", "$$\na\n$$ (b)"),
    "link to a heading": ("[a](#1.-First-Part) `[b](#C)`", "[a](#1-first-part) `[b](#C)`"),
    "name for links": ("<a name='b'></a>\n\n## A", "(b)=\n\n## A"),
    "heading below a line": ("One\n===\n\nTwo.", "# One\n\nTwo."),
    "attributes": ("## A {.b #c}\n\nSo `d`{: .e}.\n{: .f}\n", "## A\n\nSo `d`.\n"),
    "style": ('<div class="a" style="b: c">d</div>', '<div class="a">d</div>'),
    "badge": (
        "[![Open](https://a.org/badge.svg)](https://b.org) <a href='c'><img src='d/badge'></a>x",
        " x",
    ),
    "video of fastpages": ("> youtube: https://a.org/b", "[https://a.org/b](https://a.org/b)"),
    "components": ("import A from '@b';\n\nText. <!-- more -->", "\n\nText. "),
    "shortcode without counterpart": ("{{< gist a 1 >}}", "{{< gist a 1 >}}"),
}


def test_a_page_of_this_blog_stays_as_it_is(request):
    text = (request.config.rootpath / "guide/write-a-post.md").read_text("utf-8")
    text = text.partition("\n---\n")[2]
    assert convert_text(text) == text


@pytest.mark.parametrize("kind", CONVERTED)
def test_text_of_other_programs(kind):
    text, converted = CONVERTED[kind]
    assert convert_text(text) == converted


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\ntitle: A\n", "line 1: the front matter is not closed"),
        (
            "---\ntitle: A: b\n---\n",
            "line 2: the front matter cannot be read: a text with a colon in it; put the text in",
        ),
        ("---\n- a\n---\n", "line 2: the front matter has no lines of `key: value`"),
        ("+++\na = \n+++\n", "the front matter cannot be read: Invalid value"),
        ("Größe".encode("latin-1"), "not valid UTF-8; save the file as UTF-8"),
    ],
)
def test_what_cannot_be_read_is_said(page, text, message):
    with pytest.raises(ValueError, match=f"Blur.md: {message}"):
        convert(page(text))


def test_other_files_are_refused(page, tmp_path):
    with pytest.raises(ValueError, match=r"a\.rst: a post is made from a notebook \(\.ipynb\) or"):
        convert(page("A", "a.rst"))
    with pytest.raises(ValueError, match=r"b\.md: the file cannot be read: No such file"):
        convert(tmp_path / "b.md")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("_posts/2019-02-03-What_A-blur.markdown", "what-a-blur"),
        ("content/blur/index.md", "blur"),
        ("2020-02-03-tag.ipynb", "tag-post"),
        ("Blur of pictures.ipynb", ""),
        ("", ""),
    ],
)
def test_a_post_keeps_its_name(path, name):
    assert own_name(path) == name


def test_own_keys_are_kept():
    keys = {"date": "2019-02-03", "updated": "2019-03-04", "series": "2", "title": "A", "x": "1"}
    assert translate(keys) == ("date: 2019-02-03\nupdated: 2019-03-04\nseries: '2'", ("x",))


@pytest.mark.parametrize("items", ["- one: 1\n- two: 2\n", "- toc: true\n- two\n", "- one\n"])
def test_a_list_below_the_title_is_no_front_matter(items):
    text = f"# A\n\n{items}"
    assert read_front_matter(text) == ({}, text)

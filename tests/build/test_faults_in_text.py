"""Mistakes in Markdown, HTML and cells that would pass in silence have a line and a way out."""

import pytest

# What stands on the page from line 12 on; the line of the message, and a part of it.
IN_MARKDOWN = {
    "equation never closed": ("$$\na + b\n\n## Later", 12, "`$$` is never closed"),
    "equation ends elsewhere": ("so $$a + b more", 12, "`$$` is never closed"),
    "formula never closed": (
        "The size $n - k + 1 is",
        12,
        "`$` begins a formula that does not end",
    ),
    "spaces within dollars": ("The size $ n - k $ is", 12, "not set as mathematics: no space may"),
    "digit before a formula": ("A 3$\\times$4 matrix", 12, "not set as mathematics: no space may"),
    "TeX brackets": (
        "The size \\(n - k\\) is",
        12,
        r"\( and \) do not set mathematics here: write $",
    ),
    "TeX brackets, apart": (
        "\\[\nn - k\n\\]",
        12,
        r"\[ and \] do not set mathematics here: write $$",
    ),
    "environment never closed": ("\\begin{align}\na &= b", 12, r"\begin is never closed: end the"),
    "code never closed": (
        "```python\nx = 1\n\nMore.",
        12,
        "the code is not closed before line 17: end",
    ),
    "last code never closed": (
        "Text.\n\n    ```python\n\n~~~python\nx",
        16,
        "the code is never closed",
    ),
    "note never closed": (
        ":::{note}\nA note.\n",
        12,
        "{note} is never closed: end it with a line :::",
    ),
    "comment never closed": (
        "<!-- hidden\n\nMore.",
        12,
        "the comment is never closed, and hides wha",
    ),
    "comment in a line": (
        "Words <!-- hidden\n\nMore.",
        12,
        "the comment is never closed: end it with",
    ),
    "bold never closed": ("This is **bold.", 12, "`**` stays as it is: no space may follow it"),
    "bold with a space": ("One.\nThis is ** bold** text.", 13, "`**` stays as it is: no space may"),
    "heading without space": ("##Heading", 12, "a heading needs a space after `#`"),
    "line below text": (
        "A sentence.\n---\n\nMore.",
        13,
        "a line of `-` right below text makes it a head",
    ),
    "citation": ("As {cite}`lavin` says.", 12, "{cite}`...` is not available: sources are notes"),
    "citation in a sentence": (
        "So\n{cite:t}`lavin`.",
        13,
        "{cite:t}`...` is not available: sources",
    ),
    "bibliography": (
        "```{bibliography}\n```",
        12,
        "```{bibliography} is not available: sources are",
    ),
    "number of a figure": (
        "See {numref}`fig`.",
        12,
        "{numref}`...` is not available: figures have",
    ),
    "video by a directive": (
        "```{youtube} abc\n```",
        12,
        "pages of other sites and videos are not",
    ),
    "tabs": (
        "::::{tab-set}\n:::{tab-item} A\nB\n:::\n::::",
        12,
        "parts of a page follow each other",
    ),
    "diagram": (
        "```{mermaid}\nA --> B\n```",
        12,
        "```{mermaid} is not available: draw it in a code",
    ),
    "more cells than columns": (
        "| a | b |\n| --- | --- |\n| 1 | 2 | 3 |",
        14,
        "the row has 3 cells, but its table 2 columns; within a cell, write \\| for a bar",
    ),
    "table without its line": (
        "| a | b |\n| 1 | 2 |",
        12,
        "not recognized as a table: below the first",
    ),
    "note that is missing": (
        "As shown [^one].",
        12,
        "[^one] has no note: add a paragraph [^one]: with",
    ),
    "note cited nowhere": (
        "Text.\n\n[^one]: A note.",
        14,
        "the note [^one] is cited nowhere, and would",
    ),
    "note twice": (
        "Text [^a].\n\n[^a]: A note.\n\n[^a]: More.",
        16,
        "second note [^a]: give it another name",
    ),
    "link not defined": (
        "See [the paper][paper].",
        12,
        "the name of a link is not defined: write [text]",
    ),
    "link without text": (
        "See [](https://a.org).",
        12,
        "link without text: write [text](https://a.org)",
    ),
    "role apart from its text": (
        "See {ref} `a`.",
        12,
        "a role stands directly before its text: write {",
    ),
    "attribute without quotes": (
        "![a cat](cat.png){width=50%}",
        12,
        'these attributes are not recognized: write values in quotes, {width="50%"}',
    ),
    "picture of another site": (
        "![a cat](https://a.org/cat.png)",
        12,
        "nothing is loaded from other sites: save https://a.org/cat.png beside the page",
    ),
    "attribute without effect": (
        "![a cat](cat.png){size=50}",
        12,
        "{size=50} has no effect on a picture; to set its size, write {width=300px}",
    ),
    "address of this machine": (
        "[a](http://127.0.0.1:8000/index.html)",
        12,
        "http://127.0.0.1:8000/index.html leads to a server on your own machine: link to the file",
    ),
    "fault within a note": (
        ":::{note}\nOne.\n\nSo **bold.\n:::",
        15,
        "`**` stays as it is: no space",
    ),
    "italic text never closed": (
        "This is *italic.",
        12,
        "`*` begins italic text that does not end",
    ),
    "italic text by a line, never closed": (
        "So _new, and more.",
        12,
        "`_` begins italic text that",
    ),
    "struck through by one sign": ("This is ~gone~.", 12, "not struck through: write ~~text~~"),
    "code within a line never closed": (
        "Run `make.",
        12,
        "a backtick begins code that does not end",
    ),
    "role never closed": ("See {ref}`one now.", 12, "the role is never closed: write {name}`text`"),
    "empty line in an equation": ("$$\na\n\nb\n$$", 12, "an empty line within an equation has no"),
    "percent in a formula": (
        "So $50%$ of it.",
        12,
        "in a formula, `%` begins a comment: write \\%",
    ),
    "percent in an equation": ("$$\na\n= 5%\n$$", 14, "in a formula, `%` begins a comment: write"),
    "two dollars in a line": (
        "So $$a + b$$ is",
        12,
        "in a line, formulas are written $a + b$, with",
    ),
    "note within a sentence": ("So ^[a note] is", 12, "notes within a sentence are not recognized"),
    "empty note": ("So [^a].\n\n[^a]:", 14, "the note [^a] is empty: write its text behind"),
    "note with a space": (
        "So [^a b].\n\n[^a b]: x",
        12,
        "the name of a note has no spaces: [^a b]",
    ),
    "attributes after a space": (
        "![a cat](cat.png) {width=50px}",
        12,
        'these attributes are not recognized: write values in quotes, {width="50%"}, directly',
    ),
    "attributes of a paragraph": ("{.red}\nText.", 12, "attributes of a paragraph have no effect"),
    "title of a picture": (
        '![a cat](cat.png "A title")',
        12,
        '"A title" is not shown: for a caption, write ```{figure}',
    ),
    "name in place of a description": (
        "![cat.png](cat.png)",
        12,
        '"cat.png" does not say what the picture shows: write a description',
    ),
    "word in place of a description": (
        "![Image](cat.png)",
        12,
        '"Image" does not say what the pic',
    ),
    "backslash in a path": ("![a cat](img\\cat.png)", 12, "img\\cat.png: write / between folders"),
    "link in double brackets": ("See [[one]].", 12, "links in double brackets are not recognized"),
    "picture in double brackets": ("![[cat.png]]", 12, "links in double brackets are not recogn"),
    "command of TeX": (
        "See \\cite{lavin}.",
        12,
        "commands of TeX have no effect outside of formulas",
    ),
    "end of a page in TeX": ("Text.\n\n\\newpage", 14, "commands of TeX have no effect outside"),
    "source of Pandoc": ("As [@lavin2016] says.", 12, "sources are notes: write [^name], and a"),
    "name of a heading": (
        "## Part {#part}",
        12,
        "a name for links stands on the line above: (name)=",
    ),
    "table of contents": ("[TOC]", 12, "the headings of a page stand beside it by themselves"),
    "marked text": ("This is ==new== text.", 12, "marked text is written <mark>text</mark>"),
    "below the line": ("H~2~O", 12, "not set below the line: write {sub}`2`, or a formula"),
    "above the line": ("x^2^", 12, "not set above the line: write {sup}`2`, or a formula"),
    "note without its sign": ("So [1].\n\n[1]: A note.", 14, "a note has a sign before its number"),
    "picture with wrong brackets": (
        "!(a cat)[cat.png]",
        12,
        "a picture is written ![what it shows]",
    ),
    "picture without brackets": ("![a cat]cat.png", 12, "a picture is written ![what it shows]"),
    "picture with a space": (
        "! [a cat](a.png)",
        12,
        "a picture is written ![what it shows](name.png)",
    ),
    "link without brackets": ("[text]https://a.org)", 12, "a link is written [text](address)"),
    "link without its bracket": ("[text(https://a.org)", 12, "a link is written [text](address)"),
    "name of Python": (
        "Call __init__ first.",
        12,
        "`__` makes this bold: write it between backticks",
    ),
    "block of another program": (
        "::: {.callout-note}\nx\n:::",
        12,
        "a block of colons begins with a directive, such as :::{note}: ...{.callout-note}",
    ),
    "link with wrong brackets": (
        "See (it)[https://a.org].",
        12,
        "a link is written [text](address)",
    ),
    "link of reStructuredText": (
        "See `NumPy <https://numpy.org>`_.",
        12,
        "a link is written [text](address): `NumPy <https://numpy.org>`_",
    ),
    "role of reStructuredText": ("See :ref:`one`.", 12, "a role is written {ref}`one`"),
    "directive of reStructuredText": (".. note:: a", 12, "directives of reStructuredText are not"),
    "note of GitHub": ("> [!NOTE]\n> Text.", 12, "notes are written as directives: :::{note}"),
    "directive without braces": (
        ":::note\nx\n:::",
        12,
        "the name of a directive has braces: :::{note}",
    ),
    "directive in another one": (
        ":::{note}\nA\n:::{tip}\nB\n:::\n:::",
        12,
        "{note} is not closed before line 14: end it with :::; if it is to hold what begins there, "
        "write ::::{note} ... ::::",
    ),
    "text of another file": ("```{include} a.md\n```", 12, "the text of another file would not be"),
    "raw text": ("```{raw} latex\n\\x\n```", 12, "```{raw} is not available: write HTML without"),
    "contents": ("```{contents}\n```", 12, "the headings of a page stand beside it by themselves"),
    "value by a role": ("It is {eval}`x`.", 12, "{eval}`...` is not available: values of a page's"),
    "date by a directive": ("```{post} 2024-01-01\n```", 12, "what a post says about itself is in"),
    "line of percent": ("It is 90\n% of all.", 13, "a line that begins with % is a comment, which"),
    "table without bars": (
        "a | b\n--|\n1 | 2",
        12,
        "not recognized as a table: below the first row",
    ),
    "table of reStructuredText": (
        "+---+\n| a |\n+---+",
        12,
        "not recognized as a table: write rows",
    ),
    "columns without names": (
        "| | |\n| --- | --- |\n| 1 | 2 |",
        12,
        "the columns of the table have no names",
    ),
    "list that begins with 2": (
        "So:\n2. a\n3. b",
        13,
        "not recognized as a list: begin it with `1.",
    ),
    "list by letters": ("a) one\nb) two", 12, "not recognized as a list: begin it with `1. `"),
    "list by bullets": (
        "\u2022 one",
        12,
        "not recognized as a list: begin each item with a hyphen",
    ),
    "task without a space": ("- [ ] a\n- [] b", 13, "a task begins with [ ] or [x], with a space"),
    "seven signs": ("####### Heading", 12, "not a heading: write one to six `#` and a space"),
    "session": (">>> 1 + 1\n2", 12, "a session of Python stands between lines ```pycon and ```"),
    "name of an emoji": (
        "Nice :smile: it is.",
        12,
        "names of emoji are not recognized: write the sign",
    ),
    "abbreviation": (
        "*[CNN]: a network",
        12,
        "explanations of abbreviations are written {abbr}`CNN",
    ),
    "template": ("{% if x %}a{% endif %}", 12, "templates are not filled in here: write out what"),
    "unfinished": (
        "TODO: say more.",
        12,
        '"TODO:" says that this is not finished: finish it, or keep',
    ),
    "lost letter": ("Gr\ufffde", 12, "a letter was lost when the text was converted (U+FFFD)"),
    "another encoding": (
        "Gr\u00c3\u00b6\u00dfe",
        12,
        "the text was saved in another encoding, which",
    ),
    "direction": ("One \u202e two.", 12, "the control character U+202E is not text: delete it"),
    "two versions": (
        "<<<<<<< HEAD\nOne.\n=======\nTwo.\n>>>>>>> b",
        12,
        "a conflict of two versions: keep one, and delete the lines <<<<<<< to >>>>>>>",
    ),
    "address of this network": (
        "[a](http://192.168.1.5/x)",
        12,
        "leads to a server on your own mach",
    ),
    "local host": (
        "See http://localhost:8888/tree now.",
        12,
        "leads to a server on your own machine",
    ),
    "identifier of a paper": ("[a](doi:10.1000/182)", 12, "write https://doi.org/ and the number"),
    "picture within the text": (
        "![a cat](data:image/png;base64,iVBORw0KGgo=)",
        12,
        'unknown URL scheme "data"; save it as a file beside the page',
    ),
    "control character": ("A bell\x07.", 12, "the control character U+0007 is not text: delete it"),
    "attributes of kramdown": (
        "A note.\n{: .prompt-tip }",
        13,
        "attributes in braces have no effect",
    ),
    "attributes of code in a line": ("Open `a`{: .filepath}.", 12, "attributes in braces have no"),
    "place of a table of contents": ("1. TOC\n{:toc}", 13, "attributes in braces have no effect"),
    "attributes of a heading": ("## Sources {.unnumbered}", 12, "attributes in braces have no eff"),
    "TeX brackets after two backslashes": (
        "The size \\\\(n - k\\\\) is",
        12,
        "formulas are written $...$ in a line, and $$...$$ on lines of their own",
    ),
    "equation in brackets after two backslashes": ("\\\\[ n - k", 12, "formulas are written $...$"),
    "note of Obsidian": ("> [!info]- Title\n> Text.", 12, "notes are written as directives: :::{n"),
    "note of MkDocs": (
        '!!! note "Title"\n    Text.',
        12,
        "notes are written as directives: :::{no",
    ),
    "fold of MkDocs": ("???+ tip\n    Text.", 12, "notes are written as directives: :::{note}"),
    "tab of MkDocs": ('=== "Python"\n\n    Text.', 12, "parts of a page follow each other here"),
    "text of another file, in MkDocs": ('--8<-- "a.md"', 12, "the text of another file would not"),
    "component": ("import Tabs from '@theme/Tabs';", 12, "components of other programs are not sh"),
    "front matter of fastpages": (
        "- toc: true\n- branch: master",
        12,
        "this is no front matter: writ",
    ),
    "number of a figure in Quarto": ("See @fig-size.", 12, "references are written {eq}`name` for"),
    "reference of AsciiDoc": (
        "As <<fig_size>> shows.",
        12,
        "references are written {eq}`name` for",
    ),
    "label of an equation in Quarto": (
        "A $$ n $$ {#eq-n}",
        12,
        "the label of an equation stands behind it in parentheses: $$ ... $$ (name)",
    ),
    "equation right below text": ("It is\n$$\na\n$$\nso.", 13, "an equation stands between empty"),
    "environment right below text": (
        "It is\nthen\n$$\n\\begin{align}\na &= b\n\\end{align}\n$$",
        14,
        "an equation stands between empty lines: leave one before it, and one after it",
    ),
    "template without its end": (
        '{% video "a.mp4"\n title="A" %}',
        12,
        "templates are not filled in here: wr",
    ),
    "template with a link": ("{% tweet https://a.org/1 %}", 12, "templates are not filled in here"),
    "shortcode": ("{{< toc >}}", 12, "templates are not filled in here: write out what should st"),
    "shortcodes around text": (
        "{{% notice %}}\n\nA note.",
        12,
        "templates are not filled in here: write out what should stand on the page",
    ),
    "name that is not defined": (
        "So {{ page.title }} is",
        12,
        "nothing is defined that could stand",
    ),
    "address by a template": ("[a]({{ site.baseurl }}/a.md)", 12, "leave out {{ site.baseurl }}"),
    "address by a template without spaces": ("[a]({{site.url}}/a)", 12, "leave out {{ site.url }}"),
    "template in HTML": (
        '<p>\n<img src="{{ site.url }}/cat.png" alt="A cat">\n</p>',
        13,
        "addresses begin with / or with the folder of the page: leave out {{ site.url }}",
    ),
    "more asterisks before than after": (
        "It is ***both** here.",
        12,
        "as many `*` must stand at the end of bold or italic text as at its beginning",
    ),
    "more asterisks after than before": (
        "It is *one** here.",
        12,
        "as many `*` must stand at the e",
    ),
    "bold text between letters and signs": (
        "\u5377\u79ef**\uff08CNN\uff09**\u662f",
        12,
        "`**` is not recognized between a letter and another sign: leave a space between",
    ),
    "link not defined, in two brackets": (
        "See [the paper][].",
        12,
        "the name of a link is not def",
    ),
    "heading after another space": ("##\u00a0Heading", 12, "a heading needs a space after `#`"),
    "name of an icon": ("A :material-account: here.", 12, "names of emoji are not recognized"),
}
IN_HTML = {
    "fold never closed": (
        "<details>\n<summary>More</summary>\n\nHidden.",
        12,
        "<details> is never closed, and takes in what follows: write </details>",
    ),
    "stray end": (
        "Text.\n\n</details>",
        14,
        "</details> without <details> before it: leave it out",
    ),
    "end in wrong order": (
        "<div>\n<b>bold\n</div>",
        14,
        "<b> on line 13 is not closed before </div>: write </b>",
    ),
    "heading in a fold": (
        "<details>\n<summary>More</summary>\n\n## Later\n\n</details>",
        15,
        "heading within <details> of line 12, where it would not stay: write </details> before it",
    ),
    "Markdown right below": (
        "<details>\n<summary>More</summary>\nThis is **bold**.\n</details>",
        14,
        "Markdown is not read right below HTML: leave an empty line before ...**b",
    ),
    "script": ("<script>alert(1)</script>", 12, "<script>: scripts do not run: compute in a cell"),
    "style sheet": ("<style>p {color: red}</style>", 12, "<style>: styles have no effect"),
    "frame": (
        '<iframe src="/a.html"></iframe>',
        12,
        "<iframe>: pages of other sites are not shown",
    ),
    "frame of another site": (
        '<iframe src="https://a.org/b"></iframe>',
        12,
        "<iframe>: pages of other sites are not shown: write a link",
    ),
    "video": ('<video src="a.mp4"></video>', 12, "<video>: videos are not shown: write a link"),
    "sound": ("<audio></audio>", 12, "<audio>: sound is not played: write a link"),
    "object": ("<object></object>", 12, "<object>: nothing embedded is shown: write a link"),
    "embedded": ('<embed src="a.pdf">', 12, "<embed>: nothing embedded is shown: write a link"),
    "linked style sheet": (
        "<link rel=stylesheet href=a.css>",
        12,
        "<link>: styles and other files",
    ),
    "base": ('<base href="a/">', 12, "<base>: addresses of a page have one base"),
    "metadata": ('<meta name="robots">', 12, "<meta>: metadata come from the front matter"),
    "tag without its end": ("Text <b more.", 12, "the HTML tag has no `>`"),
    "form": ("<form></form>", 12, "<form>: there is no server that would receive a form"),
    "style of an element": (
        '<p style="color: red">Red</p>',
        12,
        '<p style="...">: styles within a page',
    ),
    "handler": (
        'A <b onclick="f()">word</b>.',
        12,
        "<b onclick>: scripts do not run: leave it out",
    ),
    "script as address": (
        '<a href="javascript:f()">x</a>',
        12,
        "<a>: javascript:f() is not an addr",
    ),
    "picture of another site": (
        '<img src="https://a.org/b.png" alt="b">',
        12,
        "<img>: nothing is loaded from other sites: save https://a.org/b.png beside the page",
    ),
    "fold without a summary": (
        "<details>\n\nHidden.\n\n</details>",
        16,
        "<details> without <summary>: write <summary>What is in it</summary> below it",
    ),
    "misspelt element": (
        "<detials>\n\nText.\n\n</detials>",
        12,
        "there is no HTML element <detials>: did you mean <details>? If not, to show it as text",
    ),
    "placeholder": (
        "Write <name> here.",
        12,
        "there is no HTML element <name>: to show it as text",
    ),
    "button": (
        "<button>Run</button>",
        12,
        "<button>: nothing would happen with it, as scripts do not",
    ),
    "field": ("<input type=text>", 12, "<input>: nothing would happen with it, as scripts do not"),
    "template": ("<template>x</template>", 12, "<template>: what it holds is not shown"),
    "heading": ("<h2>Part</h2>", 12, "<h2>: headings are written ## Heading"),
    "link to a page": ('See <a href="two.md">it</a>.', 12, "[text](two.md)"),
    "link to this machine": (
        '<a href="http://localhost:1/x">it</a>',
        12,
        "a server on your own mach",
    ),
    "link to a file of this machine": (
        'A <a href="file:///home/me/x">b</a>',
        12,
        "on one machine only",
    ),
    "picture within the text": (
        '<img src="data:image/png;base64,iVBORw0KGgo=" alt="A cat">',
        12,
        "<img>: save the picture as a file, and write ![description](name.png)",
    ),
    "id twice": (
        '<p id="x">One</p>\n\n<p id="x">Two</p>',
        14,
        'id "x" is already used on line 12',
    ),
}
IN_CELLS = {
    "another language": ("```{code-cell} r\nx\n```", 12, 'cells run Python, not "r"; to show code'),
    "unknown option": (
        "```{code-cell}\n:tag: [hide-input]\n```",
        13,
        '"tag" is not an option of a cell',
    ),
    "tag without brackets": (
        "```{code-cell}\n:tags: hide-input\n1\n```",
        13,
        "tags: write them in brackets, separated by commas: `:tags: [hide-input]`",
    ),
    "unknown tag as YAML": (
        "```{code-cell}\n---\ntags: [hide-inptu]\n---\n1\n```",
        13,
        'unknown cell tag "hide-inptu"; did you mean "hide-input"?',
    ),
    "options not closed": (
        "```{code-cell}\n---\ntags: []\n1\n```",
        13,
        "the options of the cell are not c",
    ),
    "YAML that is none": (
        "```{code-cell}\n---\ntags: [\n---\n1\n```",
        14,
        "invalid options of a cell",
    ),
    "installs a package": (
        "```{code-cell}\n1\n%pip install x\n```",
        14,
        "cells cannot install packages",
    ),
    "runs a program": (
        "```{code-cell}\n!ls\n```",
        13,
        "cells run Python only, no other programs: !ls",
    ),
    "magic of Matplotlib": (
        "```{code-cell}\n%matplotlib inline\n```",
        13,
        "`%matplotlib` is not needed",
    ),
    "path of one machine": (
        "```{code-cell}\nopen('/home/me/a.csv')\n```",
        13,
        "this path exists on one machine only: put the file beside the page",
    ),
    "random numbers without a seed": (
        "```{code-cell}\nrng = np.random.default_rng()\n```",
        13,
        "random numbers that differ in each build: take them from np.random.default_rng(0)",
    ),
    "random numbers of all": (
        "```{code-cell}\nx = 1\nx = np.random.rand(3)\n```",
        14,
        "random numbers that differ in each build: take them from np.random.default_rng(0)",
    ),
    "result before the last line": (
        "```{code-cell}\n:tags: [hide-input]\n\nfrom cnnlib.explain import explorer\n\n"
        "explorer(t)\nprint(1)\n```",
        17,
        "what explorer(...) makes is not shown: only the value of a cell's last line is shown",
    ),
    "result in a loop": (
        "```{code-cell}\nfrom cnnlib.explain import products as p\nfor s in t:\n    p(s)\n```",
        15,
        "what p(...) makes is not shown: only the value of a cell's last line",
    ),
    "result with a name": (
        "```{code-cell}\nfrom cnnlib.explain import show_step\none = show_step(t)\n```",
        14,
        "what show_step(...) makes is not shown: end the cell with a line `one`",
    ),
    "name of a program in a line": (
        "```{code-cell}\nfiles = !ls\n```",
        13,
        "cells run Python only, no other programs: files",
    ),
    "program by a function": (
        "```{code-cell}\nimport os\nos.system('ls')\n```",
        14,
        "cells run Python only, no other programs",
    ),
    "command for the keyboard": (
        "```{code-cell}\n%cd ..\n```",
        13,
        "commands for a session at the keyboard have no place on a",
    ),
    "extension of IPython": (
        "```{code-cell}\n%load_ext autoreload\n```",
        13,
        "this has no effect on a page: leave it out",
    ),
    "end of the session": (
        "```{code-cell}\nexit()\n```",
        13,
        "the cells that follow would not run: leave it out: exit()",
    ),
    "end of the session by a word": (
        "```{code-cell}\nquit\n```",
        13,
        "the cells that follow would not run: leave it out: quit",
    ),
    "path in Colab": (
        "```{code-cell}\nopen('/content/drive/a.csv')\n```",
        13,
        "this path exists on one machine only: put the file beside the page",
    ),
    "time by its own name": (
        "```{code-cell}\nt = perf_counter()\n```",
        13,
        "times that differ in each build: measure them once",
    ),
    "debugger": (
        "```{code-cell}\nbreakpoint()\n```",
        13,
        "nobody is there to look while the page is built: leave it out",
    ),
    "question to the author": (
        "```{code-cell}\nx = input('Name?')\n```",
        13,
        "nobody answers while the page is built: write the",
    ),
    "window": (
        "```{code-cell}\nimage.show()\n```",
        13,
        "nothing opens while the page is built: make the value itself the last",
    ),
    "help": (
        "```{code-cell}\nlen?\n```",
        13,
        "help is not shown on a page: leave it out, or call help(...)",
    ),
    "options of Quarto": (
        "```{code-cell}\n#| echo: false\n1\n```",
        13,
        "options of a cell stand in its first lines, as in `:tags: [",
    ),
    "options after an empty line": (
        "```{code-cell}\n\n:tags: [hide-input]\n1\n```",
        14,
        "options of a cell stand in its first",
    ),
    "random numbers of Python": (
        "```{code-cell}\nimport random\nrandom.shuffle(x)\n```",
        14,
        "random numbers that differ in each b",
    ),
    "random numbers of PyTorch": (
        "```{code-cell}\nx = torch.randn(2)\n```",
        13,
        "random numbers that differ in each build: call torch.manual_seed(0) before: x = torch",
    ),
    "random numbers by their name": (
        "```{code-cell}\nfrom numpy.random import rand\n```",
        13,
        "random numbers that differ in each",
    ),
    "random numbers from None": (
        "```{code-cell}\nnp.random.default_rng(None)\n```",
        13,
        "random numbers that differ in each build",
    ),
    "random state": (
        "```{code-cell}\nr = np.random.RandomState()\n```",
        13,
        "random numbers that differ in each build",
    ),
    "unique name": (
        "```{code-cell}\nuuid.uuid4()\n```",
        13,
        "random numbers that differ in each build",
    ),
    "day of the build": (
        "```{code-cell}\ndate.today()\n```",
        13,
        "the time of day that differs in each build: write a fixed date",
    ),
    "time that a line takes": (
        "```{code-cell}\n%timeit f()\n```",
        13,
        "times that differ in each build: measure them once, and",
    ),
    "time that code takes": (
        "```{code-cell}\nt = time.perf_counter()\n```",
        13,
        "times that differ in each build: measure them",
    ),
    "result of a function of one's own": (
        "```{code-cell}\nfrom cnnlib.explain import explorer\ndef show(k):\n"
        "    return explorer(k)\n"
        "show(1)\nx = 2\n```",
        16,
        "what show(...) makes is not shown: only the value of a cell's last line",
    ),
    "result before a semicolon": (
        "```{code-cell}\nfrom cnnlib.explain import explorer\nexplorer(t);\n```",
        14,
        "what explorer(...) makes is not shown: leave out the `;` at the end",
    ),
    "result that is printed": (
        "```{code-cell}\nfrom cnnlib.explain import explorer\nprint(explorer(t))\n```",
        14,
        "what explorer(...) makes is shown as text here: make it the last",
    ),
    "results in a list": (
        "```{code-cell}\nfrom cnnlib.explain import explorer\n[explorer(t) for t in a]\n```",
        14,
        "what explorer(...) makes is shown as text here",
    ),
    "results side by side": (
        "```{code-cell}\nfrom cnnlib.explain import explorer\nexplorer(t), explorer(u)\n```",
        14,
        "what explorer(...) makes is shown as text here",
    ),
    "result by the name of the module": (
        "```{code-cell}\nimport cnnlib.explain as e\ne.explorer(t)\n1\n```",
        14,
        "what e.explorer(...) makes is not shown",
    ),
    "line wider than the text": (
        "```{code-cell}\n1\nlong = '" + 63 * "x" + "'\n```",
        14,
        "a line of 72 characters is cut at the edge of the text: break it after at most 70",
    ),
    "line wider than the text, after YAML": (
        "```{code-cell}\n---\ntags: [hide-output]\n---\nlong = '" + 63 * "x" + "'\n```",
        16,
        "a line of 72 characters is cut at the edge of the text",
    ),
    "another program, after YAML": (
        "```{code-cell}\n---\ntags: [hide-input]\n---\nx = 1\n!ls\n```",
        17,
        "cells run Python only, no other programs: !ls",
    ),
}
FAULTS = IN_MARKDOWN | IN_HTML | IN_CELLS
GOOD = {
    "prices": "It costs $5 and then $6 more, from $7-$8, or 9$.",
    "escaped": "The variable \\$HOME, \\*\\* and \\[a\\], 2\\*\\*3.",
    "mathematics": "So $k$, $n - k$ and\n\n$$ a + b $$\n\n$$\na\n$$ (label)",
    "code": "`$x`, `**`, `</details>` and\n\n```text\n$$ ** </div> [^a]\n##x\n```",
    "nested code": "````markdown\n```{code-cell} r\n$$\n```\n````",
    "fold": "<details>\n<summary>More</summary>\n\n**Bold** $k$.\n\n</details>",
    "list in HTML": "<ul>\n<li>One\n<li>Two\n</ul>",
    "comment": "<!-- **x** <div> -->\n\nText <!-- more --> text.",
    "note": "Cited [^a], twice [^a].\n\n[^a]: A note.\n    Of two lines.",
    "cell": "```{code-cell}\n:tags: [hide-input, hide-output]\n\nprint(5 % 3, ':tag: x')\n```",
    "seeds": "```{code-cell}\nnp.random.seed(3)\nr = np.random.default_rng(0)\n"
    "np.random.rand()\n```",
    "size": '![a cat](cat.png){width=50px} ![a cat](cat.png){width="50%"}',
    "results": "```{code-cell}\nfrom cnnlib.explain import explorer, trace\nt = trace(f, X)\n"
    "first = explorer(t)\nexplorer(t)\n```\n\n```{code-cell}\nfirst\n```",
    "line as wide as the text": "```{code-cell}\nlong = '" + 61 * "x" + "'\n```",
    "hidden line": "```{code-cell}\n:tags: [hide-input]\n\nlong = '" + 99 * "x" + "'\n```",
    "YAML": "```{code-cell}\n---\ntags: [hide-input]\n---\n1\n```",
    "table": "| a | b |\n| --- | --- |\n| 1 \\| 2 | `3` |\n| 4 |",
    "heading by dashes": "Heading\n---\n\nMore.",
    "headings without Latin letters": "## 卷积\n\n## 池化",
    "signs": "2 * 3, snake_case, a ~ b, 5 % 3, f(x)[0], 10:30:15, [#12](https://a.org) and \\`.",
    "bold and names": "This is __new__ly, __bold__ and 2^n ^ 3, x[1], a[i][j], ~ 3 ~ and == 4.",
    "matrix in a sentence": "The kernel [[1, 0], [0, -1]] and x^2.",
    "percent in TeX": "So $50\\%$ of it.",
    "comment by percent": "Text.\n\n% not for readers\n\nMore.",
    "list with code": "1. one\n\n```python\nx\n```\n\n2. two",
    "year in a list": "It began in\n1998. Then it grew.",
    "HTML within SVG": '<svg width="9" height="9"><g><path d="M0 0"/></g></svg>',
    "link to a built page in HTML": 'See <a href="../2023/old.html">it</a>.',
    "anchor in HTML": 'See <a href="#part">it</a> and <a href="https://a.org">that</a>.',
    "note in a note": "::::{note}\nA\n\n:::{tip}\nB\n:::\n::::",
    "links with text": "See [a [b] c](https://a.org/x_(y)) and [2016, 2019] ([#2](https://a.org)).",
    "result by display": "```{code-cell}\nfrom cnnlib.explain import explorer\n"
    "display(explorer(t))\n```",
    "function that returns a number": "```{code-cell}\ndef f(x):\n    return g(x)\nf(1)\n2\n```",
    "seed of PyTorch": "```{code-cell}\ntorch.manual_seed(0)\ntorch.randn(2)\n```",
    "seed of TensorFlow": "```{code-cell}\ntf.random.set_seed(1)\ntf.random.normal([2])\n```",
    "keys of JAX": "```{code-cell}\nx = jax.random.normal(jax.random.key(0), (2,))\n```",
    "keys of JAX by their name": "```{code-cell}\nfrom jax import numpy, random\n"
    "random.normal(random.key(0))\n```",
    "seed of Python": "```{code-cell}\nimport random\nrandom.seed(1)\nrandom.random()\n```",
    "own function called input": "```{code-cell}\ndef input(x):\n    return x\n```",
    "words in code": "```{code-cell}\n# input(), date.today(), os.system()\nprint('exit()')\n```",
    "rule": "Text.\n\n---\n\nMore.",
    "badge": '<a href="https://a.org/b.ipynb">Open it</a>',
    "braces": "The set {a: 1, b: 2}, a format {:.2f} and `{{ a }}`, `{% b %}`, `{: .c }`.",
    "braces in code": "```jinja\n{{ a }}\n{% b %}\n```\n\n<pre>{{ a }}</pre> <!-- {% b %} -->",
    "brackets": "An image of [32x32x3], the range [0, 1] and [sic], in [Updated 2018].",
    "emphasis": "***Both***, **bold *both***, *one **both*** and **\uff08CNN\uff09** \u662f.",
    "ratio": "At 10:30:00, 1:2:3, a mail to x@fig.org and !!!",
    "import": "We import much from there, and toc: true is a key of it.",
}


def test_many_unknown_tags_are_all_named(check_page, post):
    tags = ["aa", "bb", "cc", "dd", "ee", "ff"]
    found = check_page(post(tags=", ".join(tags)))
    assert [message.split('"')[1] for message in found] == tags


def test_many_faults_of_one_cause_are_said_together(check_page, post):
    wide = "```{code-cell}\nx = '" + 70 * "x" + "'\n```\n"
    other, one, two, three = check_page(post(text=5 * wide + "So **bold."))
    assert [found.split(":")[1] for found in (other, one, two, three)] == ["27", "13", "16", "19"]
    assert "more like" not in one + two + other
    assert three.endswith("`:tags: [hide-input]` (and 2 more like this one: lines 22, 25)")
    assert len(check_page(post(text=4 * wide))) == 4


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_on_its_line(check_page, post, fault):
    text, line, message = FAULTS[fault]
    found = check_page(post(text=text))
    assert len(found) == 1, found
    assert found[0].startswith(f"posts/2024/one.md:{line}: ")
    assert message in found[0]


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_what_is_meant_so_is_no_fault(check_page, post, text):
    assert check_page(post(text=text)) == []

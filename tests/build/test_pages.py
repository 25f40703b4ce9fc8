"""The check of pages before Sphinx reads them: its messages name file, line, key and cause."""

import datetime

import pytest

from blog.check import pages
from blog.check.front_matter import PLACEHOLDER

HERE = "posts/2024/one.md"


def test_a_good_post_passes(check_page, post):
    assert check_page(post()) == []
    assert check_page(post(date="May 7, 2024")) == []


BAD_DATES = """
05/08/2024 | Aug 2024 | August 17, 2024 | 2024-13-01 | 2024-2-3 | Feb 30, 2024 | 17 Aug 2024
| yesterday | 2024-05-17 10:00 | aug 17, 2024 | 2024 | ٢٠٢٤-٠٥-١٧
"""


@pytest.mark.parametrize("date", [words.strip() for words in BAD_DATES.split("|")])
def test_ambiguous_dates_are_rejected(check_page, post, date):
    assert check_page(post(date=date)) == [
        f'{HERE}:3: date: "{date}" is not a valid date; use '
        "YYYY-MM-DD (2021-08-17) or Mon D, YYYY (Aug 17, 2021)"
    ]


def test_dates_in_the_future_are_rejected(check_page, post):
    day = datetime.date.today() + datetime.timedelta(days=3)
    name = f"posts/{day.year}/later.md"
    assert check_page(post(date=day.isoformat()), name) == [
        f"{name}:3: date: {day} is in the future; keep the page in drafts/ until then"
    ]


def test_the_date_fits_the_folder(check_page, post):
    assert check_page(post(date="2023-05-17")) == [
        f"{HERE}:3: date: 2023-05-17 is not in the folder's year, 2024"
    ]


def test_each_place_in_the_series_has_one_post(check_page, post):
    assert check_page(post(extra="\nseries: 3\nimage: 2"), "posts/2024/first.md") == []
    assert check_page(post(extra="\nseries: 3"), "posts/2024/second.md") == [
        "posts/2024/second.md:7: series: posts/2024/first.md has the place 3 already"
    ]


def test_an_old_address_leads_to_one_post_and_is_no_page(check_page, post):
    old = "\nredirect: posts/2023/old, posts/2023/older"
    assert check_page(post(extra=old), "posts/2024/first.md") == []
    old = "\nredirect: posts/2023/old, posts/2024/second, posts/2024/first"
    assert check_page(post(extra=old), "posts/2024/second.md") == [
        "posts/2024/second.md:7: redirect: posts/2023/old is an address of posts/2024/first.md",
        "posts/2024/second.md:7: redirect: posts/2024/second is an address of posts/2024/second.md",
        "posts/2024/second.md:7: redirect: posts/2024/first is an address of posts/2024/first.md",
    ]


FRONT = [
    (
        "tags: cnn",
        "tags: cnns",
        '4: tags: "cnns" is not in posts/subjects.toml; did you mean "cnn"?',
    ),
    ("tags: cnn", "tags: CNN", '4: tags: "CNN" is not in posts/subjects.toml; did you mean "cnn"?'),
    (
        "tags: cnn",
        "tags: cooking",
        '4: tags: "cooking" is not in posts/subjects.toml; allowed: cnn, vision, deep-learning',
    ),
    ("tags: cnn", "tags: cnn, cnn", '4: tags: duplicate tag "cnn"'),
    ("tags: cnn", "tags: [cnn]", "4: tags: write the tags on one line, separated by commas"),
    ("tags: cnn\n", "", "1: tags: missing; a post needs at least one tag"),
    ("date: 2024-05-17\n", "", "1: date: missing; a post needs a date: YYYY-MM-DD (2021-08-17)"),
    (
        "category: Deep Learning",
        "category: Deep Lerning",
        '5: category: "Deep Lerning" is not in posts/subjects.toml; did you mean "Deep Learning"?',
    ),
    ("date: 2024", "dat: 2024", '3: "dat" is not a valid key for a post; did you mean "date"?'),
    (
        "date: 2024",
        "author: Ann\ndate: 2024",
        '3: author: "Ann" is not among `authors` in conf.py; did you mean "ann"?',
    ),
    (
        "date: 2024",
        "author: ann, ann\ndate: 2024",
        '3: author: duplicate author "ann"',
    ),
    (
        "date: 2024",
        "authors: ann\ndate: 2024",
        '3: "authors" is not a valid key for a post; write it as author',
    ),
    (
        "date: 2024",
        "lang: German\ndate: 2024",
        '3: lang: "German" is not the name of a language',
    ),
    (
        "date: 2024",
        "excerpt: Words\ndate: 2024",
        '3: "excerpt" is not a valid key for a post; lists show the description',
    ),
    (
        "date: 2024",
        "title: One\ndate: 2024",
        '3: "title" is not a valid key for a post; the title is the heading with one #',
    ),
    (
        "date: 2024",
        "draft: true\ndate: 2024",
        '3: "draft" is not a valid key for a post; keep unfinished posts in drafts/',
    ),
    ("tags: cnn", "tags: cnn\nupdated: soon", '5: updated: "soon" is not a valid date; use YYYY'),
    ("tags: cnn", "tags: cnn\nupdated: 2024-05-16", "5: updated: 2024-05-16 is before the date"),
    ("tags: cnn", "tags: cnn\nupdated: 2999-01-01", "5: updated: 2999-01-01 is in the future"),
    (
        "tags: cnn",
        "tags: cnn\nredirect: /posts/old.html",
        '5: redirect: "/posts/old.html" is not an old address; write it without .html and from',
    ),
    ("blogpost: true", "blogpost: false", '2: blogpost: "false" does not prevent publication'),
    (
        "description: A short post to test with.",
        "description:",
        "6: description: missing; summarise the page",
    ),
    (
        "description: A short post to test with.\n",
        "",
        "1: description: missing; summarise the page",
    ),
    (
        "description: A short post to test with.",
        "description: Short.",
        "6: description: 6 characters; lists and search engines show a sentence of 20 to 200",
    ),
    (
        "description: A short post to test with.",
        "description: What the kernel $k$ and `conv2d` make of it.",
        "6: description: it is shown as plain text, so write it without Markdown: $k$",
    ),
    ("file_format: mystnb\n", "", "1: file_format: missing; a page with code cells needs"),
    ("file_format: mystnb", "file_format: myst", '7: file_format: "myst" is not allowed here'),
    (
        "file_format: mystnb",
        "file_format: mystnb\nmystnb: {execution_mode: off}",
        '8: mystnb: "execution_mode" is not allowed here; allowed: execution_timeout',
    ),
    (
        "file_format: mystnb",
        "file_format: mystnb\nmystnb: {execution_timeout: long}",
        "8: mystnb: execution_timeout: long is not a number of seconds",
    ),
    (
        "file_format: mystnb",
        "file_format: mystnb\nkernelspec: {name: ir}",
        "8: kernelspec: {'name': 'ir'} is not allowed here; allowed: name: python3",
    ),
    ("tags: cnn", "tags: cnn\nseries: first", '5: series: "first" is not a whole number from 1 on'),
    ("tags: cnn", "tags: cnn\nseries: 0", '5: series: "0" is not a whole number from 1 on'),
    ("tags: cnn", "tags: cnn\nimage: a.png", '5: image: "a.png" is not a whole number from 1 on'),
    ("tags: cnn", "tags: cnn\ntags: vision", "5: invalid front matter: duplicate key tags"),
    ("tags: cnn", "tags: [cnn", "invalid front matter: "),
    ("tags: cnn", "tags: a: b", "4: invalid front matter: a text with a colon in it; put the"),
    ("tags: cnn", "tags: @a", "4: invalid front matter: a text that begins with a special sign"),
    ("tags: cnn", "tags: 'a' b", "4: invalid front matter: a line that goes on after a closing"),
    ("tags: cnn", "tags: cnn,", "4: tags: an empty tag: leave out the comma beside it"),
    ("tags: cnn", "\ttags: cnn", "4: invalid front matter: a tab, which is not allowed here"),
    ("tags: cnn", "tags:cnn", "4: invalid front matter: a line without `key: ` before its text"),
    ("tags: cnn", "tags:\u00a0cnn", "4: the invisible sign U+00A0 is there: delete it, or write"),
    ("tags: cnn", "tags: cnn\u200b", "4: the invisible sign U+200B is there: delete it, or write"),
    ("tags: cnn", "tags: *t", "4: invalid front matter: a text that begins with *; put the text"),
    ("tags: cnn", "tags: !t cnn", "4: invalid front matter: a text that begins with an exclam"),
    ("tags: cnn", "tags: cnn\n{a: b}: 2", "5: invalid front matter: a key is a single word, as in"),
    (
        "tags: cnn",
        "tags: cnn\n--- x",
        "5: invalid front matter: a line that begins with `---` ends",
    ),
    ("date: 2024-05-17", "date: [2024-05-17]", "3: date: write it on the line of its key, without"),
    (
        "tags: cnn",
        "tags: cnn\nauthor: [ann]",
        "5: author: write it on the line of its key, without",
    ),
    ("tags: cnn", "tags: cnn\nlang:", "5: lang: empty: write what it is, or leave the line out"),
    (
        "tags: cnn",
        "tags: cnn\nredirect: posts/tag",
        "5: redirect: posts/tag is an address of the b",
    ),
    ("tags: cnn", "tags: cnn\nredirect: search", "5: redirect: search is an address of the blog"),
    ("A short post to", "[A short post to]", "6: invalid front matter: a line that goes on after"),
    ("A short post to test with.", "- a short post", "6: invalid front matter: a text that begins"),
    (
        "A short post to test with.",
        "[A short post to test with]",
        "6: description: write it as a sentence, without a bracket, a brace or a dash before it",
    ),
    (
        "A short post to test with.",
        "A short post to test # with.",
        "6: description: what follows ` #` is left out; put the text in quotes",
    ),
    (
        "A short post to test with.",
        "A <b>short</b> post to test with.",
        "6: description: it is shown as plain text, so write it without Markdown: <b>",
    ),
    (
        "A short post to test with.",
        "A *short* post to test with.",
        "6: description: it is shown as plain text, so write it without Markdown: *short*",
    ),
    (
        "# A short post",
        "# A [short](/a.md) post",
        "10: a title is shown in lists, too, so it holds",
    ),
    ("# A short post", "# A short post [^a]", "10: a title is shown in lists, too, so it holds no"),
    ("# A short post", "Words.\n\n# A post", "10: this stands above the title: move it below the"),
    ("---\nblogpost", "blogpost", "1: no front matter: start the page with `---`"),
]


@pytest.mark.parametrize(
    "description",
    [
        "90 % of the snake_case posts, 2*3*4.",
        "Une image\u00a0, deux noyaux et trois cartes.",
        "'A # in quotes is meant so.'",
    ],
)
def test_signs_in_a_description_are_no_faults(check_page, post, description):
    assert check_page(post(description=description)) == []


def test_without_front_matter_nothing_else_is_said(check_page, post):
    (found,) = check_page("\n" + post())
    assert found.startswith(f"{HERE}:1: no front matter: start the page with `---`")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "---\ntitle: A\nlayout: post\ntoc: true\ntags:\n- x\nmath: true\n---\n\n## B",
            "2: title, layout, toc and math are keys of another program: let `make post FROM=` and",
        ),
        ("---\ntitle: A\ntoc: true\n---\n", "2: title and toc are keys of another program: let"),
        ('+++\ntitle = "A"\n+++\n\nB', "1: front matter in TOML is not recognized: let `make post"),
        ("Title: A\nDate: 2019-02-03\n\nB", "1: front matter stands between two lines `---`: let"),
    ],
)
def test_a_post_of_another_program_can_be_converted(check_page, text, message):
    (found,) = check_page(text)
    assert found.startswith(f"posts/2024/one.md:{message}")


def test_unfinished_words_are_allowed_in_drafts(check_page, post):
    assert check_page(post(text="TODO: more."), "drafts/one.md") == []


@pytest.mark.parametrize(("old", "new", "message"), FRONT)
def test_front_matter(check_page, post, old, new, message):
    text = post().replace(old, new, 1)
    assert text != post()
    found = check_page(text)
    assert any(one.startswith(HERE + ":") and message in one for one in found), found


TEXT = [
    ("## Sub\n\n#### Deep", '14: heading "Deep" skips from level 2 to 4; use ###'),
    ("## Same\n\n## Same", '14: duplicate heading "Same": it is already used on line 12'),
    ("# Second", '12: second title "Second"; start it with `##`'),
    ("![](a.png)", "12: picture without alt text: write ![description](a.png)"),
    ("```{image} a.png\n```", "12: image without :alt:; describe what the picture shows"),
    (
        ":::{figure} a.png\nA caption\n:::",
        "12: figure without :alt:; describe what the picture shows",
    ),
    ("<p>\n<img src='a.png'>\n</p>", "12: <img> without alt; describe what the picture shows"),
    ("See <img src='a.png' alt=''>.", "12: <img> without alt; describe what the picture shows"),
    ("[it](/home/ann/x.md)", "12: /home/ann/x.md exists on one machine only; use a path"),
    (
        "![a cat](file:///x.png)",
        "12: Markdown does not recognize this as a link: [...](file:///x.png)",
    ),
    ("[it](C:/x.md)", "12: C:/x.md exists on one machine only"),
    (
        "[it](htps://a.org)",
        '12: htps://a.org: unknown URL scheme "htps"; did you mean "https"?',
    ),
    ("[it](https:///a)", "12: https:///a is not a valid URL: it has no host name"),
    (
        "[it](https://a b.org)",
        "12: Markdown does not recognize this as a link: [...](https://a b.org)",
    ),
    (
        "[it] (https://a.org)",
        "12: Markdown does not recognize this as a link: [...] (https://a.org)",
    ),
    ("[it]()", "12: link without a target"),
    (
        "```{code-cell} python\n:tags: [hide-inptu]\n1\n```",
        '13: unknown cell tag "hide-inptu"; did you mean "hide-input"?',
    ),
]


@pytest.mark.parametrize(("text", "message"), TEXT)
def test_links_headings_and_pictures(check_page, post, text, message):
    found = check_page(post(text=text))
    assert len(found) == 1
    assert found[0].startswith(f"{HERE}:{message}")


def test_code_and_mathematics_are_not_checked_for_links_and_headings(check_page, post):
    text = "`[it] (x)` and $a[x](y)$.\n\n```python\n# not a heading\n![](no)\n```"
    assert check_page(post(text=text)) == []


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "1: the file is empty"),
        (b" \n\n", "1: the file is empty"),
        (b"---\ntags: \xe4\n---\n", "2: not valid UTF-8 (byte 0xe4); save the file as UTF-8"),
        (b"\xef\xbb\xbf---\n", "1: the file starts with a byte order mark"),
        (b"---\ntags: cnn\n", "1: the front matter is not closed: a line `---` is missing"),
    ],
)
def test_files_that_are_not_text(check_page, raw, message):
    assert check_page(raw)[0].startswith(f"{HERE}:{message}")


def test_no_title(check_page, post):
    assert check_page(post().replace("# A short post", "")) == [
        f"{HERE}:1: no title: add a line `# Title` after the front matter"
    ]
    assert check_page(post().replace("# A short", "## A short")) == [
        f"{HERE}:10: the first heading has level 2; start the title with one `#`"
    ]


def test_two_posts_with_one_name(check_page, post):
    check_page(post())
    other = "posts/2025/one.md"
    assert check_page(post(date="2025-01-01"), other) == [
        f"{other}: {HERE} has the same name, so links to them would be ambiguous; "
        "rename one of them"
    ]


@pytest.mark.parametrize("name", ["Übung", "two words", "Big", "tag", "archive", "a_b"])
def test_invalid_names_of_posts(check_page, post, name):
    path = f"posts/2024/{name}.md"
    assert check_page(post(), path) == [
        f'{path}:1: "{name}" is not a valid post name; use lower-case letters, digits and hyphens'
    ]


def test_a_post_outside_a_year(check_page, post):
    assert "posts belong in posts/YYYY/" in check_page(post(), "posts/loose.md")[0]


def test_tags_with_the_same_address(check_page, post, tmp_path):
    subjects = tmp_path / "posts" / "subjects.toml"
    subjects.write_text('tags = ["cnn", "CNN", "++"]\ncategories = ["Deep Learning"]\n')
    assert check_page(post()) == [
        'posts/subjects.toml: "CNN" and "cnn" would have the same URL',
        'posts/subjects.toml: "++" contains no letter or digit for a URL',
    ]


SUBJECTS = {
    "tags = ['a']\ncategories: ['b']": "2: cannot be read: Expected '=' after a key",
    "": '1: tags: missing; write tags = ["cats", "dogs"]',
    "tags = []\ncategories = ['A']": '1: tags: empty; write tags = ["cats", "dogs"]',
    "tags = ['a']": '1: categories: missing; write categories = ["Animals"]',
    "tags = 'a'\ncategories = ['A']": '1: tags: not a list of texts; write tags = ["cats"',
    None: " there is no such file; write into it tags = ",
}


@pytest.mark.parametrize("text", SUBJECTS)
def test_subjects_that_cannot_be_read_are_said_alone(check_page, post, tmp_path, text):
    subjects = tmp_path / "posts" / "subjects.toml"
    subjects.unlink() if text is None else subjects.write_text(text)
    found = check_page(post())
    assert found[0].startswith(f"posts/subjects.toml:{SUBJECTS[text]}")
    assert all(one.startswith("posts/subjects.toml:") for one in found)


def test_a_post_with_another_suffix_is_named(check_page, post):
    assert check_page(post(), "posts/2024/other.markdown") == [
        "posts/2024/other.markdown: posts are .md or .ipynb files, so this one is not shown: call "
        "it other.md"
    ]


@pytest.mark.parametrize(
    ("name", "called"),
    [("other.md.txt", "other.md"), ("other.mdx", "other.md"), ("other.IPYNB", "other.ipynb")],
)
def test_other_endings_of_posts_are_named(check_page, post, name, called):
    (found,) = check_page(post(), f"posts/2024/{name}")
    assert found.endswith(f"so this one is not shown: call it {called}")


def test_posts_in_other_folders_are_named(tmp_path, post):
    (tmp_path / "conf.py").write_text("include_patterns = ['posts/**.md']\nexclude_patterns = []\n")
    for name in ("post/2024/one.md", "posts/2024/two.md", "drafts/sub/three.md", "drafts/four.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(post())
    (tmp_path / "post/idea.md").write_text("Not a page.\n")
    place = "says that it is a post, but posts belong in posts/YYYY/: move it there"
    names = ("drafts/sub/three.md", "post/2024/one.md")
    assert pages.find_ignored(tmp_path) == {name: f"{name} {place}" for name in names}


def test_pages_that_are_not_listed_are_named(tmp_path):
    (tmp_path / "conf.py").write_text("include_patterns = ['index.md']\nexclude_patterns = []\n")
    for name in ("index.md", "contact.md", "README.md"):
        (tmp_path / name).write_text("# Words\n")
    assert pages.find_ignored(tmp_path) == {
        "contact.md": "contact.md is not a page of the blog: to add it, list it in "
        "include_patterns in conf.py"
    }


def test_what_make_post_wrote_is_replaced_before_a_post_is_published(check_page, post, tmp_path):
    text = post(description=PLACEHOLDER)
    assert check_page(text) == [
        f"{HERE}:6: description: this is what `make post` wrote; say in a sentence of your own "
        "what readers will learn, or keep the page in drafts/ until then"
    ]
    assert pages.check_pages(tmp_path, drafts=True) == []


def test_chinese_and_japanese_characters_count_as_three(check_page, post):
    assert check_page(post(description="如何看懂卷积核")) == []
    found = check_page(post(description="看懂卷积核"))
    assert "6: description: 15 characters, if each Chinese or Japanese one counts" in found[0]


def test_settings_that_cannot_be_read(check_page, post, tmp_path):
    (tmp_path / "conf.py").write_text("project =\n")
    assert check_page(post()) == ["conf.py:1: SyntaxError: invalid syntax (conf.py, line 1)"]


def test_the_pages_of_this_blog_have_no_errors(request):
    assert pages.check_pages(request.config.rootpath) == []


STRAY = ["notes.md", "CHANGELOG.md", "notes/idea.md", "api.md", "drafts/later.md", ".cache/a.md"]


def test_files_that_are_no_pages_are_ignored(small):
    before = small.built()
    for name in STRAY:
        small.write(name, "Not a page: [broken](nowhere.md), no front matter.\n")
    assert pages.find_pages(small.folder) == ["index.md", "posts/2024/one.md", "posts/2025/two.md"]
    done = small.build()
    assert done.returncode == 0, done.stderr
    assert small.built() == before


def test_drafts_are_pages_of_the_preview_only(small, post):
    small.write("drafts/later.md", post())
    assert "drafts/later.md" not in pages.find_pages(small.folder)
    assert "drafts/later.md" in pages.find_pages(small.folder, drafts=True)

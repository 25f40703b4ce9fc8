"""Settings of the blog: data only. Its Sphinx extensions are in blog/ext/."""

import os
from importlib import metadata
from urllib.parse import urlsplit

# What makes this blog one's own: guide/make-it-yours.md goes through it --------------------------
project = "Sliding Windows"
# One sentence, for the picture that social media show of the blog.
tagline = "Convolutional neural networks, one window at a time"
description = (
    "Convolutional neural networks, one window at a time. Every equation, figure and number "
    "on these pages is computed while the page is built."
)
# The name of each author and, if there is one, the address of a page about them, by the key that
# posts write as `author`; a post without it is by the first one. If there are several, posts name
# them below their title, and each has a page and a feed.
authors: dict[str, tuple[str, str | None]] = {"team": ("The Sliding Windows authors", None)}
# The language of the blog, as Sphinx writes it: en, de, fr, zh_CN. A post in another one says so.
language = "en"
# What may be done with what readers find: the name and the address of each licence.
licences = {
    "Code": ("MIT", "https://opensource.org/license/mit"),
    "Prose and figures": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
}
# Pages at the top, by their names without .md. Those that the blog does not have are left out.
navigation = {
    "posts": "Posts",
    "snippets": "Snippets",
    "playground": "Playground",
    "api/index": "Library",
    "about": "About",
}
# Words that readers may search for, shown below the field.
search_examples = ["stride", "padding", "pooling", "conv2d"]
# Other words around the texts, by the English ones, which blog/words/de.toml lists with the German
# ones: {"Latest posts": "New here"}.
words: dict[str, str] = {}
# At the foot: pages elsewhere, such as {"Mastodon": "https://example.social/@ann"}, and where the
# source of the blog is, if it is public.
links: dict[str, str] = {}
repository = ""
# Colours of one's own in place of those in cnnlib/explain/palette.py, for light and for dark pages,
# such as {"kernel": ("#7d5700", "#f5bf48")}. Pages, figures, icon and shared pictures follow.
colours: dict[str, tuple[str, str]] = {}
# One or two letters in place of the window in the corner and in the icon.
logo_letter = ""

# The address --------------------------------------------------------------------------------------
# The address of the published site, for absolute links such as those in the feed. Without it, they
# contain a placeholder, and install commands refer to local files.
published = bool(os.environ.get("BLOG_BASEURL"))
html_baseurl = (os.environ.get("BLOG_BASEURL") or "http://127.0.0.1:8000").rstrip("/") + "/"
# A copy of the published site on GitHub, as OWNER/REPOSITORY/blob/BRANCH. If set, pages offer to
# open their notebooks in Colab, which can only open notebooks from GitHub.
notebooks_github = os.environ.get("BLOG_NOTEBOOKS", "").strip("/")

author = ", ".join(name for name, _ in authors.values())
project_copyright = author
html_title = project

extensions = [
    "ablog",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "notfound.extension",
    "numpydoc",
    "blog.ext.ablog_furo",
    "blog.ext.feed",
    "blog.ext.accessibility",
    "blog.ext.answers",
    "blog.ext.citations",
    "blog.ext.code_names",
    "blog.ext.doc_links",
    "blog.ext.example_imports",
    "blog.ext.execution",
    "blog.ext.figures",
    "blog.ext.first_post",
    "blog.ext.html_tables",
    "blog.ext.images",
    "blog.ext.notebooks",
    "blog.ext.margin_notes",
    "blog.ext.mathml",
    "blog.ext.external_links",
    "blog.ext.gallery",
    "blog.ext.glossary",
    "blog.ext.hero",
    "blog.ext.highlighting",
    "blog.ext.identity",
    "blog.ext.kept_pages",
    "blog.ext.operations",
    "blog.ext.public_names",
    "blog.ext.reading_time",
    "blog.ext.search_words",
    "blog.ext.security",
    "blog.ext.seo",
    "blog.ext.source_pages",
    "blog.ext.thumbnails",
    "blog.ext.repeated_lines",
    "blog.ext.updated",
    "blog.ext.words",
    "blog.ext.prune_output",
    "blog.ext.explorer",
]

# All other Markdown files are ignored. `make live` adds drafts/.
include_patterns = [
    "index.md",
    "about.md",
    "glossary.md",
    "playground.md",
    "draw.md",
    "snippets.md",
    "posts/**.md",
    "posts/**.ipynb",
    "guide/**.md",
    "api/**.md",
]
# Folders that are not searched for pages.
exclude_patterns = ["[._]*", "blog", "cnnlib", "tests", "**/.ipynb_checkpoints"]
templates_path = ["blog/templates"]
nitpicky = True

# Markdown and the execution of code cells --------------------------------------------------------
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
# Without the outputs in the file, and with the front matter of its first cell.
nb_custom_formats = {".ipynb": "blog.check.source.read_for_sphinx"}
myst_enable_extensions = [
    "amsmath",
    "attrs_inline",
    "colon_fence",
    "deflist",
    "dollarmath",
    "gfm_autolink",
    "html_image",
    "strikethrough",
    "substitution",
    "tasklist",
]
# That strikethrough is for HTML only, and that a page is in no table of contents: here lists, the
# masthead and links lead to pages.
suppress_warnings = ["myst.strikethrough", "toc.not_included"]
# A dollar sign before a price is text: a formula has no space within its dollar signs, and no digit
# directly outside them.
myst_dmath_allow_space = False
myst_dmath_allow_digits = False
myst_heading_anchors = 3
# No line above the footnotes: pages put them under a heading.
myst_footnote_transition = False
wheel = f"cnnlib-{metadata.version('cnnlib')}-py3-none-any.whl"
# Without an address, readers download the wheel first. (The page that says so is in api/.)
download = f'Download <a href="../wheels/{wheel}" download>{wheel}</a>, then install the file:\n\n'
address = f"{html_baseurl}wheels/{wheel}"
install = f"pip install {address if published else wheel}"
extra = f"cnnlib[draw] @ {address}" if published else f"{wheel}[draw]"
myst_substitutions = {
    "install": f"{'' if published else download}```sh\n{install}\n```",
    "install_extra": f'```sh\npip install "{extra}"\n```',
}
nb_execution_mode = "cache"
nb_execution_timeout = 120
# blog.ext.execution reports output on stderr as a warning, which fails the build.
nb_output_stderr = "remove"
# An expected error, as blog.ext.execution writes it.
nb_render_error_lexer = "none"
nb_render_markdown_format = "myst"
nb_code_prompt_show = "Show the code"
# Prefer a picture's SVG to its HTML, which is for notebooks: pages load the SVG lazily.
nb_mime_priority_overrides = [("html", "image/svg+xml", 5)]

# The blog ----------------------------------------------------------------------------------------
blog_title = project
blog_baseurl = html_baseurl
blog_path = "posts"
blog_post_pattern = ["posts/*/*.md", "posts/*/*.ipynb"]
blog_authors = authors
blog_default_author = next(iter(authors), None)
blog_feed_fulltext = True
blog_feed_subtitle = description
# How posts may write dates, besides 2021-08-17.
post_date_format = "%b %d, %Y"
post_date_format_short = "%b %d, %Y"
skip_injecting_base_ablog_templates = True

# API reference -----------------------------------------------------------------------------------
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

# HTML output -------------------------------------------------------------------------------------
html_theme = "furo"
html_context = {"author": author, "published": published}
html_style = ["palette.css", "site.css"]
# The explorer is part of the package because notebooks need it, too.
html_static_path = ["_static", "cnnlib/explain/web"]
html_permalinks_icon = "#"
html_copy_source = False
html_show_sourcelink = False
html_scaled_image_link = False
html_use_index = False
html_domain_indices = False
html_math_renderer = "mathml"
# Hosts serve this page at any depth, so its links begin with the path of the site.
notfound_template = "404.html"
notfound_context = {
    "title": "Page not found",
    "meta": {"description": "There is no page at this address."},
}
notfound_urls_prefix = urlsplit(html_baseurl).path

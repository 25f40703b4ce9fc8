"""Links by `{doc}` lead to the same page wherever ABlog shows a post."""

from sphinx.addnodes import pending_xref

from tests.build.tiny import build


def test_relative_links_have_absolute_targets(tmp_path):
    text = "# One\n\n{doc}`../2025/two`, {doc}`One again <one>`, {doc}`/index`\n"
    pages = {"posts/2024/one": text, "posts/2025/two": "# Two\n"}
    built = build(tmp_path, "# Title\n", "blog.ext.doc_links", **pages)
    found = built.env.get_doctree("posts/2024/one").findall(pending_xref)
    assert [node["reftarget"] for node in found] == ["/posts/2025/two", "/posts/2024/one", "/index"]
    links = [link["href"] for link in built.page("posts/2024/one").select(".body p a.internal")]
    assert links == ["../2025/two.html", "#", "../../index.html"]

"""The live preview adds the faults of the last build to pages, and to nothing else."""

import asyncio

import pytest
from starlette.responses import HTMLResponse, Response

from blog.build.live_page import ADDED, LivePage


def ask(response, faults=""):
    """Return the headers and the body of a response that went through the middleware."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    asyncio.run(LivePage(response, lambda: faults)({"type": "http"}, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return headers, b"".join(message.get("body", b"") for message in sent[1:]).decode()


@pytest.mark.parametrize("faults", ["", "posts/a.md:3: 1 < 2"])
def test_a_page_shows_the_faults_and_takes_its_script_from_the_server(faults):
    headers, body = ask(HTMLResponse("<p>A page.</p>"), faults)
    assert body.startswith("<p>A page.</p>")
    assert body.endswith(ADDED)
    assert ("<pre>posts/a.md:3: 1 &lt; 2</pre>" in body) == bool(faults)
    assert int(headers["content-length"]) == len(body)
    assert headers["cache-control"] == "no-cache"
    # The policy of the pages refuses inline scripts and styles.
    assert "<script>" not in body
    assert "style=" not in body


def test_other_files_are_sent_as_they_are():
    assert ask(Response("a {}", media_type="text/css"), "a fault")[1] == "a {}"

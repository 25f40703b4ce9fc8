"""What the live preview adds to pages: a script that reloads them, and the last build's faults.

Script and style are files of the server, because the pages' security policy refuses inline ones.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SOCKET = "/websocket-reload"
SCRIPT = f"""\
const socket = new WebSocket(`ws://${{location.host}}{SOCKET}`);
socket.onmessage = () => location.reload();
"""
STYLE = """\
.live-faults {
  position: fixed; inset: auto 0 0; z-index: 1000; max-height: 60vh; overflow: auto;
  padding: 1rem 1.5rem; color-scheme: light dark;
  border-top: 4px solid light-dark(#b03a2e, #f08a7a);
  background: light-dark(#fff6f4, #2a1b19); color: light-dark(#1f2328, #e6e6e6);
  font: 1rem/1.5 system-ui, sans-serif;
}
.live-faults h2 { margin: 0; font: inherit; font-weight: bold; }
.live-faults p { margin: 0; }
.live-faults pre {
  margin: .5rem 0; padding: 0; background: none; color: inherit; white-space: pre-wrap;
  font: .9375rem/1.5 ui-monospace, monospace;
}
"""
ADDED = '<script src="/_live.js"></script>\n'
FAULTS = """\
<link rel="stylesheet" href="/_live.css">
<section class="live-faults" role="alert" tabindex="0" aria-labelledby="live-faults">
<h2 id="live-faults">The page is not up to date: the last build stopped</h2>
<pre>{faults}</pre>
<p>Correct this and save the file; the message then goes away.</p>
</section>
"""


def added_html(faults: str) -> str:
    """Return what is added to a page."""
    shown = FAULTS.format(faults=escape(faults)) if faults else ""
    return shown + ADDED


def files() -> list[Route]:
    """Return the routes of script and style."""

    def serve(text: str, kind: str) -> Callable[..., Response]:
        return lambda request: Response(text, media_type=kind)

    return [
        Route("/_live.js", serve(SCRIPT, "text/javascript")),
        Route("/_live.css", serve(STYLE, "text/css")),
    ]


class LivePage:
    """Middleware that adds the script and the faults to each page.

    Parameters
    ----------
    app : ASGI application
        The server of the pages.
    faults : callable
        Returns the messages of the last build; an empty text if it was good.
    """

    def __init__(self, app: ASGIApp, faults: Callable[[], str]) -> None:
        self.app, self.faults = app, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        added = b""

        async def send_more(message: Message) -> None:
            nonlocal added
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    added = added_html(self.faults()).encode()
                    headers["cache-control"] = "no-cache"
                    if "content-length" in headers:
                        headers["content-length"] = str(int(headers["content-length"]) + len(added))
            elif message["type"] == "http.response.body" and not message.get("more_body"):
                message["body"] = message.get("body", b"") + added
            await send(message)

        await self.app(scope, receive, send_more if scope["type"] == "http" else send)

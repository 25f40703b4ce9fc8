"""What a page fetches."""


def record_transfers(page):
    """Return a list that grows by each response: (address, kind, bytes as compressed)."""
    received = []
    session = page.context.new_cdp_session(page)

    def note(event):
        answer = event["response"]
        size = next((v for k, v in answer["headers"].items() if k.lower() == "content-length"), 0)
        if not answer["url"].startswith("data:"):
            received.append((answer["url"], event["type"], int(size)))

    session.on("Network.responseReceived", note)
    session.send("Network.enable")
    return received

"""What holds for the questions of every post."""

import json


def each_mistake_has_a_reply(question):
    """Check a question with choices: the right one is confirmed, the others say what is wrong."""
    replies = dict(json.loads(question["data-choices"]))
    assert replies.pop(question.b.text) == "Yes, that is right."
    assert all(reply.startswith("Not quite: ") for reply in replies.values())

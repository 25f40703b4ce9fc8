"""Notes beside the text: in the margin of a wide screen, below their paragraph elsewhere."""

import pytest

POST = "posts/2021/brief-introduction-to-cnn.html"
BOXES = """() => [...document.querySelectorAll('.margin-note')].map(note => {
    const box = one => one.getBoundingClientRect().toJSON();
    return {note: box(note), before: box(note.previousElementSibling),
            after: box(note.nextElementSibling)};
})"""


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_a_note_stands_in_the_margin_next_to_its_paragraph(visit, width):
    found = visit(POST, width=width).evaluate(BOXES)
    assert len(found) == 2
    for boxes in found:
        note, before = boxes["note"], boxes["before"]
        assert note["left"] >= 24
        assert note["right"] <= before["left"] - 12
        assert note["top"] <= before["bottom"]
        assert boxes["after"]["top"] - before["bottom"] < 60  # it takes no room from the text


@pytest.mark.parametrize("width", [360, 768])
def test_a_note_stands_below_its_paragraph_where_the_margin_is_narrow(visit, width):
    for boxes in visit(POST, width=width).evaluate(BOXES):
        assert boxes["before"]["bottom"] <= boxes["note"]["top"]
        assert boxes["note"]["bottom"] <= boxes["after"]["top"]
        assert boxes["note"]["left"] == boxes["before"]["left"]


def test_a_wide_picture_begins_below_a_note(visit):
    page = visit(POST)
    page.evaluate("""() => {
        const figure = document.querySelector('.cell:has(figure.wide)');
        document.querySelector('.margin-note').after(figure);
    }""")
    boxes = page.evaluate(BOXES)[0]
    assert boxes["after"]["top"] >= boxes["note"]["bottom"]


def test_on_paper_a_note_stands_below_its_paragraph(visit):
    page = visit(POST)
    page.emulate_media(media="print")
    for boxes in page.evaluate(BOXES):
        assert boxes["before"]["bottom"] <= boxes["note"]["top"] < boxes["note"]["bottom"]
        assert boxes["note"]["left"] == boxes["before"]["left"]


def test_a_screen_reader_is_told_that_it_is_a_note(visit):
    assert visit(POST).get_by_role("note").count() == 2

"""The masthead on screens of every width."""


def test_name_search_and_colours_share_a_line_on_every_screen(visit):
    page = visit("about.html")
    middles = """() => ['.brand', '.find', '.theme'].map(name => {
        const box = document.querySelector(`.masthead ${name}`).getBoundingClientRect();
        return Math.round((box.top + box.bottom) / 2);
    })"""
    for width in range(320, 1000, 20):
        page.set_viewport_size({"width": width, "height": 800})
        found = page.evaluate(middles)
        assert max(found) - min(found) <= 2, width

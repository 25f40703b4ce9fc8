"""A scene as SVG text: for pages, icons and files of their own, standing still or moving.

Colours are variables such as ``var(--input)``, which a page defines; a file of its own defines them
itself, for light and dark, and brings the letters that it uses along.
"""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterable, Sequence
from html import escape, unescape
from importlib.resources import files
from importlib.util import find_spec

from cnnlib.explain.lettering import INDEX_DROP, INDEX_SIZE
from cnnlib.explain.marks import Frame, Label, Rect, Scene, Shape
from cnnlib.explain.palette import PALETTE

FONT = "WindowSerif"
# The site's own name for the same letters comes second.
FONTS = f"{FONT}, 'Window Serif', 'Source Serif 4', Georgia, serif"
REST = 0.85  # the part of a step's time after which the window moves on
REST_VIEW = "rest"  # the name of the view that shows an animation at rest
# What slides in an animation, if it is the same in each step.
WINDOW, RESULT = ("read", "window", "weight"), ("result",)
# How each kind of rectangle is filled and outlined, apart from its colour.
LOOKS = {
    "cell": 'stroke="var(--line)"',
    "padding": 'fill="none" stroke="var(--muted)" stroke-opacity="0.6" stroke-dasharray="3 2"',
    "trimmed": 'fill="none" stroke="var(--muted)" stroke-opacity="0.6" stroke-dasharray="2 3"',
    "missed": 'fill="none" stroke="{colour}" stroke-dasharray="3 2"',
    "read": 'stroke="{colour}" stroke-opacity="0.35"',
    "unread": "",
    "chosen": "",
    "window": 'fill="none" stroke="{colour}" stroke-width="2.5"',
    "result": 'stroke="{colour}" stroke-width="2.5"',
    "place": 'fill="none" stroke="{colour}" stroke-width="2.5"',
}


def scene_svg(
    scene: Scene,
    *,
    label: str = "",
    attributes: str = "",
    background: bool = False,
    below: str = "",
) -> str:
    """Write a scene as an element for a page, which gives colours and letters.

    Where a page defines no colours, as in a notebook or a feed reader, it takes those of a light
    page.

    Parameters
    ----------
    scene : Scene
        Its frames, if it has any, are left out.
    label : str
        What the picture shows, for those who do not see it.
    attributes : str
        Further attributes of the element.
    background : bool
        Whether to paint the paper too: a dark page may define no colours.
    below : str
        Elements to paint before the shapes, such as photographs.
    """
    letters = f' font-family="{FONTS}"' if any(isinstance(s, Label) for s in scene.shapes) else ""
    width, height = _n(scene.width), _n(scene.height)
    paper = f'<rect class="paper" width="{width}" height="{height}" fill="var(--paper)"/>'
    shapes = f"{paper if background else ''}{below}{shapes_svg(scene.shapes)}"
    return _element(scene, shapes, label, f"{letters}{attributes}")


def icon_svg(scene: Scene, *, label: str = "", attributes: str = "") -> str:
    """Write a scene of rectangles as an element in which all of one look are one path.

    A page holds many icons, and this takes a fifth of the room.

    Parameters
    ----------
    scene : Scene
        Rectangles that do not overlap.
    label, attributes : str
        As for `scene_svg`.
    """
    looks: dict[str, str] = {}
    for rect in (shape for shape in scene.shapes if isinstance(shape, Rect)):
        look, width = f'class="{rect.kind}" {_look(rect)}', _n(rect.width)
        drawn = f"M{_n(rect.x)} {_n(rect.y)}h{width}v{_n(rect.height)}h-{width}z"
        looks[look] = looks.get(look, "") + drawn
    paths = "".join(f'<path {look} d="{drawn}"/>' for look, drawn in looks.items())
    return _element(scene, paths, label, attributes)


def _element(scene: Scene, shapes: str, label: str, attributes: str) -> str:
    """Write the element around shapes, whose colours become those of a page."""
    said = f' role="img" aria-label="{escape(label)}"' if label else ""
    coloured = re.sub(r"var\(--(\w+)\)", _with_fallback, shapes)
    return f"<svg{said}{_size(scene)}{attributes}>{coloured}</svg>"


def _with_fallback(variable: re.Match[str]) -> str:
    """Add the colour of a light page to a variable."""
    name = variable[1]
    return f"var(--{name},{PALETTE[name][0]})"


def scene_file(
    scene: Scene,
    *,
    title: str,
    description: str,
    css: str = "",
    body: str = "",
    explore: str = "",
) -> str:
    """Write a scene as a file of its own, with its colours, its letters and its words.

    Parameters
    ----------
    scene : Scene
        What to write, unless `body` is given.
    title, description : str
        The caption and the text alternative.
    css, body : str
        Further style rules, and other content than the scene's shapes.
    explore : str
        The state of an explorer that shows the same, for a page to link to.
    """
    body = body or shapes_svg(scene.shapes)
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    style = f"<style>{colour_rules(body)}{css}</style>"
    link = f' data-explore="{escape(explore)}"' if explore else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg"{_size(scene)}{link} font-family="{FONTS}">'
        f"{words}{style}{body}</svg>"
    )
    return embed_font(svg)


def animation_file(
    scene: Scene,
    *,
    title: str,
    description: str,
    seconds: float = 3.0,
    explore: str = "",
    rest: int | None = None,
) -> str:
    """Write a scene with frames as a file that shows one step after another.

    It moves by style rules alone, so also in an ``<img>``. Shown as ``name.svg#step3`` it stands
    still on the third step; for readers who prefer reduced motion it stands still on the last. With
    a step to `rest` on, counted from 0, ``name.svg#rest`` shows that step and all outputs.
    """
    frames = scene.frames
    anchors = "".join(
        f'<g id="step{number}"{_named(frame.label)}><desc>{escape(frame.words)}</desc></g>'
        for number, frame in enumerate(frames, start=1)
    )
    rules = _Rules(len(frames), seconds, rest)
    if rest is not None:
        anchors += f'<g id="{REST_VIEW}"/>'
    parts = [anchors, shapes_svg(scene.shapes)]
    # Below the window and the frame of the result.
    parts += [f'<g id="from{n}">{shapes_svg(f.stays)}</g>' for n, f in enumerate(frames)]
    for name, kinds in (("window", WINDOW), ("result", RESULT)):
        moved = [[shape for shape in frame.shapes if shape.kind in kinds] for frame in frames]
        if same_shapes(moved):
            parts.append(f'<g id="{name}">{shapes_svg(moved[-1])}</g>')
            rules.slide(name, [(shapes[0].x, shapes[0].y) for shapes in moved])
        else:
            parts += [f'<g id="{name}{n}">{shapes_svg(s)}</g>' for n, s in enumerate(moved)]
            rules.show_one(name)
    others = [[s for s in frame.shapes if s.kind not in WINDOW + RESULT] for frame in frames]
    parts += [f'<g id="only{n}">{shapes_svg(shapes)}</g>' for n, shapes in enumerate(others)]
    rules.show_one("only")
    rules.show_from("from")
    return scene_file(
        scene,
        title=title,
        description=description,
        css=rules.css(),
        body="".join(parts),
        explore=explore,
    )


def _named(label: str) -> str:
    """Write what a page calls a step on a button, if not by its number."""
    return f' data-label="{escape(label)}"' if label else ""


def same_shapes(steps: Sequence[Sequence[Shape]]) -> bool:
    """Say whether all steps have the same shapes, only moved."""
    if not all(steps):
        return False

    def moved(shapes: Sequence[Shape]) -> list[tuple[object, ...]]:
        x, y = shapes[0].x, shapes[0].y
        return [
            (
                shape.kind,
                round(shape.x - x, 3),
                round(shape.y - y, 3),
                shape.text
                if isinstance(shape, Label)
                else (round(shape.width, 3), round(shape.height, 3)),
            )
            for shape in shapes
        ]

    return all(moved(shapes) == moved(steps[0]) for shapes in steps[1:])


class _Rules:
    """The style rules of an animation: what moves, what shows when, and what a link chooses."""

    def __init__(self, total: int, seconds: float, rest: int | None = None) -> None:
        self.total = total
        self.rest = rest
        time = f"{seconds * total:g}s"
        self.moving = [f"svg:not(:has(:target)) [id]{{animation:{time} step-end infinite}}"]
        # For a step that a link chooses, and without motion for the last one.
        self.chosen: list[list[str]] = [[] for _ in range(total)]
        self.hidden: list[list[str]] = [[] for _ in range(total)]
        # What comes later is hidden too, except at rest.
        self.later: list[list[str]] = [[] for _ in range(total)]

    def slide(self, name: str, corners: Sequence[tuple[float, float]]) -> None:
        """Move a group, drawn where it is last, from corner to corner, resting at each."""
        right, bottom = corners[-1]
        moves = [f"translate({x - right:g}px,{y - bottom:g}px)" for x, y in corners]
        frames = "".join(
            f"{100 * n / self.total:.4g}%,{100 * (n + REST) / self.total:.4g}%{{transform:{move}}}"
            for n, move in enumerate(moves)
        )
        self.moving.append(
            f"@keyframes {name}{{{frames}}}#{name}{{animation-name:{name}!important;"
            "animation-timing-function:ease!important}"
        )
        for number, move in enumerate(moves):
            self.chosen[number].append(f"#{name}{{transform:{move}}}")

    def show_one(self, name: str) -> None:
        """Show one group of a name at a time."""
        for number in range(self.total):
            self._show(name, number, number + 1)
            if self.total > 1:
                self.hidden[number].append(f"[id^={name}]:not(#{name}{number})")

    def show_from(self, name: str) -> None:
        """Show each group of a name from its step on; they stand one after another."""
        for number in range(self.total):
            self._show(name, number, self.total)
            if number + 1 < self.total:
                self.later[number].append(f"#{name}{number}~[id^={name}]")

    def _show(self, name: str, start: int, stop: int) -> None:
        marks = [(0, "hidden")] * (start > 0) + [(start, "visible")]
        marks += [(stop, "hidden")] * (stop < self.total)
        *first, last = [(f"{100 * at / self.total:.4g}%", visibility) for at, visibility in marks]
        steps = [*first, (f"{last[0]},100%", last[1])]
        frames = "".join(f"{at}{{visibility:{visibility}}}" for at, visibility in steps)
        group = f"{name}{start}"
        self.moving.append(
            f"@keyframes {group}{{{frames}}}#{group}{{animation-name:{group}!important}}"
        )

    def css(self) -> str:
        """Write all rules."""
        rules = []
        if self.hidden[-1]:
            rules.append(_hide("svg:not(:has(:target))", self.hidden[-1]))
        for number in range(self.total):
            step = f"svg:has(#step{number + 1}:target)"
            rules.append(_hide(step, self.hidden[number] + self.later[number]))
            rules += [f"{step} {rule}" for rule in self.chosen[number]]
        if self.rest is not None:
            view = f"svg:has(#{REST_VIEW}:target)"
            rules.append(_hide(view, self.hidden[self.rest]))
            rules += [f"{view} {rule}" for rule in self.chosen[self.rest]]
        moving = "".join(self.moving)
        return f"{''.join(rules)}@media (prefers-reduced-motion:no-preference){{{moving}}}"


def _hide(view: str, groups: Sequence[str]) -> str:
    """Write the rule that hides some groups in a view, if there are any."""
    return f"{view} :is({','.join(groups)}){{visibility:hidden}}" if groups else ""


def shapes_svg(shapes: Iterable[Shape]) -> str:
    """Write shapes in the order in which they are painted."""
    return "".join(_rect(shape) if isinstance(shape, Rect) else _text(shape) for shape in shapes)


def _rect(rect: Rect) -> str:
    return (
        f'<rect class="{rect.kind}" x="{_n(rect.x)}" y="{_n(rect.y)}" width="{_n(rect.width)}" '
        f'height="{_n(rect.height)}" {_look(rect)}/>'
    )


def _look(rect: Rect) -> str:
    """Write how a rectangle is filled and outlined."""
    colour = f"var(--{rect.role})"
    look = LOOKS[rect.kind].format(colour=colour)
    if 'fill="none"' not in look:
        filled = f'fill="{colour}" fill-opacity="{rect.level:.3g}"' if rect.level else 'fill="none"'
        look = f"{filled} {look}".strip()
    return look


def _text(label: Label) -> str:
    anchor = f' text-anchor="{label.anchor}"' if label.anchor != "start" else ""
    return (
        f'<text class="{label.kind}" x="{_n(label.x)}" y="{_n(label.y)}" '
        f'font-size="{_n(label.size)}" fill="var(--{label.role})"{anchor}>{_runs(label)}</text>'
    )


def _runs(label: Label) -> str:
    """Write the parts of a text, each index lower than what stands around it."""
    written, lowered = "", 0.0
    for part, is_index in label.runs:
        down = label.size * INDEX_DROP if is_index else 0.0
        size = f' font-size="{_n(label.size * INDEX_SIZE)}"' if is_index else ""
        text = escape(part, quote=False)
        moved = f' dy="{_n(down - lowered)}"' if down != lowered else ""
        written += f"<tspan{moved}{size}>{text}</tspan>" if moved else text
        lowered = down
    return written


def _n(number: float) -> str:
    """Write a length to a hundredth of a pixel."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _size(scene: Scene) -> str:
    width, height = _n(scene.width), _n(scene.height)
    return f' width="{width}" height="{height}" viewBox="0 0 {width} {height}"'


def colour_rules(body: str) -> str:
    """Define the variables of the palette that a file uses, for light and dark."""
    used = {name: pair for name, pair in PALETTE.items() if f"var(--{name})" in body}
    light, dark = (
        "".join(f"--{name}:{colours[mode]};" for name, colours in used.items()) for mode in (0, 1)
    )
    return f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}"


def embed_font(svg: str) -> str:
    """Give a file the letters that its texts use, where fontTools is installed.

    fontTools comes with Matplotlib. Without it, the reader's own serif is used.
    """
    try:
        from fontTools.subset import Options, Subsetter
        from fontTools.ttLib import TTFont
    except ModuleNotFoundError:
        return svg
    texts = re.findall(r"<text\b[^>]*>(.*?)</text>", svg, flags=re.DOTALL)
    letters = sorted({letter for text in texts for letter in unescape(re.sub("<[^>]*>", "", text))})
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # it reports on each table
    with (files("cnnlib.explain") / "fonts" / "serif.ttf").open("rb") as file:
        font = TTFont(file, recalcTimestamp=False)
        options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[])
        subsetter = Subsetter(options)
        subsetter.populate(text="".join(letters))
        subsetter.subset(font)
        font.flavor = _font_format()
        buffer = io.BytesIO()
        font.save(buffer)
    data = base64.b64encode(buffer.getvalue()).decode()
    # "swap": should the letters come late, a browser does not leave their place empty meanwhile.
    source = f"src:url(data:font/{font.flavor};base64,{data}) format('{font.flavor}')"
    face = f"@font-face{{font-family:{FONT};font-display:swap;{source}}}"
    return svg.replace("<style>", f"<style>{face}", 1)


def _font_format() -> str:
    """Choose the smaller format, which needs the package brotli, if that is installed."""
    return "woff2" if find_spec("brotli") else "woff"


__all__ = [
    "Frame",
    "animation_file",
    "embed_font",
    "icon_svg",
    "scene_file",
    "scene_svg",
    "shapes_svg",
]

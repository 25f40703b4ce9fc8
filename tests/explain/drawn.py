"""What a picture shows, read back from the SVG that was written: shapes, texts, and moments."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from lxml import etree

from cnnlib.explain import plots, svg
from cnnlib.explain.lettering import text_width

# The digits of an index; in braces or not, it is the same index.
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789", "_{},")
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Box:
    """A rectangle, or the room that a text takes; kind is what it stands for."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    text: str = ""
    colour: str = ""
    level: float = 0.0

    @property
    def middle(self):
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, other, slack=0.6):
        return (
            self.x - slack <= other.x
            and self.y - slack <= other.y
            and other.x + other.width <= self.x + self.width + slack
            and other.y + other.height <= self.y + self.height + slack
        )

    def overlaps(self, other, slack=0.6):
        return (
            self.x + slack < other.x + other.width
            and other.x + slack < self.x + self.width
            and self.y + slack < other.y + other.height
            and other.y + slack < self.y + self.height
        )


def text_box(kind, left, baseline, text, size, colour=""):
    """Return the room of a text: from the top of its digits to its baseline."""
    return Box(
        kind, left, baseline - 0.67 * size, size * text_width(text), 0.67 * size, text, colour
    )


def numbers(*values):
    return [float(value) for value in values]


def read_scene_svg(svg):
    """Read shapes and texts that `svg` wrote; returns width, height and boxes."""
    root = etree.fromstring(svg.encode())
    width, height = numbers(root.get("width"), root.get("height"))
    return width, height, boxes_of(root)


def boxes_of(node, dx=0.0, dy=0.0):
    """List the boxes of an element and of those in it, moved by an offset."""
    found = []
    for child in node.iter():
        if child.tag == f"{SVG}rect" and child.get("class") != "paper":
            x, y, w, h = numbers(*(child.get(name) for name in ("x", "y", "width", "height")))
            level = float(child.get("fill-opacity", 0))
            box = Box(child.get("class"), x + dx, y + dy, w, h, colour=paint(child), level=level)
            found.append(box)
        elif child.tag == f"{SVG}path":
            found += _boxes_of_path(child, dx, dy)
        elif child.tag == f"{SVG}text":
            found.append(_text(child, dx, dy))
    return found


def _boxes_of_path(node, dx, dy):
    """List the boxes of a path that is made of rectangles, as those of icons are."""
    level = float(node.get("fill-opacity", 0))
    boxes = re.findall(r"M(\S+) (\S+?)h(\S+?)v(\S+?)h-\3z", node.get("d"))
    assert len(boxes) == node.get("d").count("M")
    return [
        Box(node.get("class"), x + dx, y + dy, w, h, colour=paint(node), level=level)
        for x, y, w, h in (numbers(*box) for box in boxes)
    ]


def paint(node):
    """Return the name of the colour of a shape: of its filling, or else of its outline."""
    fill = node.get("fill", "none")
    value = fill if fill != "none" else node.get("stroke", "none")
    return re.sub(r"var\(--(\w+)(,.*)?\)", r"\1", value)


def _text(node, dx, dy):
    x, y, size = numbers(node.get("x"), node.get("y"), node.get("font-size"))
    text = node.text or ""
    for span in node:
        part = span.text or ""
        text += f"_{{{part}}}" if span.get("font-size") else part
        text += span.tail or ""
    width = size * text_width(text)
    left = x - width * {"middle": 0.5, "end": 1.0, "start": 0.0}[node.get("text-anchor", "start")]
    return text_box(node.get("class"), left + dx, y + dy, text, size, paint(node))


def read_figure_svg(svg):
    """Read shapes and texts of a figure that Matplotlib wrote, in pixels."""
    root = etree.fromstring(svg.encode())
    width, height = (
        float(root.get(name).removesuffix("pt")) * 4 / 3 for name in ("width", "height")
    )
    found = []
    for group in root.iter(f"{SVG}g"):
        name = group.get("id", "")
        kind, _, number = name.rpartition("-")
        if not number.isdigit():
            continue
        for path in group.iter(f"{SVG}path"):
            points = numbers(*re.findall(r"-?\d+(?:\.\d+)?", path.get("d", "")))
            if not points:  # outside the figure
                continue
            xs, ys = ([4 / 3 * p for p in points[n::2]] for n in (0, 1))
            x, y = min(xs), min(ys)
            colours = re.findall(r"(?:fill|stroke): var\(--(\w+)\)", path.get("style", ""))
            colour = colours[0] if colours else ""
            found.append(Box(kind, x, y, max(xs) - x, max(ys) - y, colour=colour))
        for text in group.iter(f"{SVG}text"):
            style = text.get("style", "")
            size = (
                4 / 3 * float(re.search(r"font-size: ([\d.]+)px|font:[^;]*?([\d.]+)px", style)[1])
            )
            x, y = (4 / 3 * value for value in numbers(text.get("x"), text.get("y")))
            found.append(text_box(kind, x, y, text.text, size))
    return width, height, join_indices(found)


def join_indices(boxes):
    """Join texts that follow each other without a gap: a letter and its index."""
    joined = []
    for box in boxes:
        last = joined[-1] if joined else None
        follows = (
            box.text
            and last is not None
            and last.text
            and last.kind == box.kind
            and abs(last.x + last.width - box.x) < 0.05
        )
        if follows:
            small = box.height < 0.9 * last.height or last.text.endswith("}")
            text = last.text + (
                f"_{{{box.text}}}" if small and box.height < last.height else box.text
            )
            joined[-1] = Box(last.kind, last.x, last.y, last.width + box.width, last.height, text)
        else:
            joined.append(box)
    return joined


class Moments:
    """What an animation shows at each step: its style rules, applied as a browser would."""

    def __init__(self, svg):
        self.root = etree.fromstring(svg.encode())
        self.css = self.root.find(f"{SVG}style").text
        self.groups = {node.get("id"): node for node in self.root.iter(f"{SVG}g") if node.get("id")}
        self.frames = {
            name: re.findall(r"((?:[\d.]+%,?)+)\{([^{}]*)\}", body)
            for name, body in re.findall(r"@keyframes (\w+)\{((?:[^{}]*\{[^{}]*\})*)\}", self.css)
        }
        self.animated = set(re.findall(r"#(\w+)\{animation-name:\1!important", self.css))
        self.total = sum(re.fullmatch(r"step\d+", name) is not None for name in self.groups)
        self.width, self.height = numbers(self.root.get("width"), self.root.get("height"))

    def static(self):
        """List what no rule moves or hides."""
        found = []
        for child in self.root:
            if child.tag in (f"{SVG}rect", f"{SVG}text"):
                found += boxes_of(child)
        return found

    def moving(self, step):
        """List what shows while the animation rests on a step, counted from 0."""
        percent = 100 * (step + 0.4) / self.total
        found = self.static()
        for name, node in self.groups.items():
            rules = self.frames.get(name, []) if name in self.animated else []
            value = {}
            for marks, rule in rules:
                if min(numbers(*re.findall(r"[\d.]+", marks))) <= percent:
                    value |= dict(part.split(":") for part in rule.split(";") if part)
            if value.get("visibility") != "hidden":
                found += boxes_of(node, *offset(value.get("transform", "")))
        return found

    def chosen(self, step=None):
        """List what shows at a step that a link names, or by default without motion."""
        return self.view(f"step{step + 1}" if step is not None else "")

    def view(self, name):
        """List what shows in a view that a link names, or by default without motion."""
        selector = f"svg:has(#{name}:target)" if name else "svg:not(:has(:target))"
        rules = self.css.split("@media (prefers-reduced-motion")[0]
        hidden, moved = set(), {}
        for targets, rule in re.findall(re.escape(selector) + r" ([^{}]+)\{([^{}]*)\}", rules):
            names = self.chosen_by(targets)
            if rule == "visibility:hidden":
                hidden |= set(names)
            else:
                moved |= dict.fromkeys(names, offset(rule))
        found = self.static()
        for name, node in self.groups.items():
            if name not in hidden:
                found += boxes_of(node, *moved.get(name, (0.0, 0.0)))
        return found

    def chosen_by(self, targets):
        """List the groups that a selector chooses: all of a name but one, or all after one."""
        groups, found = list(self.groups), []
        for name, own in re.findall(r"\[id\^=(\w+)\]:not\(#(\w+)\)", targets):
            found += [group for group in groups if group.startswith(name) and group != own]
        for own, name in re.findall(r"#(\w+)~\[id\^=(\w+)\]", targets):
            later = groups[groups.index(own) + 1 :]
            found += [group for group in later if group.startswith(name)]
        return found or re.findall(r"#(\w+)", targets)


def offset(rule):
    """Read the offset of a transform."""
    found = re.search(r"translate\((-?[\d.]+)px,(-?[\d.]+)px\)", rule)
    return tuple(numbers(*found.groups())) if found else (0.0, 0.0)


def in_cells(boxes):
    """Say what a picture of one channel shows, cell by cell, wherever its matrices stand."""
    grid = [b for b in boxes if b.kind in ("cell", "padding", "trimmed")]
    side = grid[0].width
    lefts = sorted({b.x for b in grid})
    starts = [
        x for x, before in zip(lefts, [-2 * side, *lefts], strict=False) if x > before + side + 1
    ]
    shown = set()
    for box in boxes:
        panel = max((n for n, x in enumerate(starts) if x <= box.middle[0]), default=0)
        top = min(b.y for b in grid if starts[panel] <= b.x < [*starts, 1e9][panel + 1])
        place = (box.x - starts[panel]) / side, (box.y - top) / side
        if box.text:
            x, y = (box.middle[0] - starts[panel]) / side, (box.middle[1] - top) / side
            place = (math.floor(x), math.floor(y)) if box.kind != "title" else ()
        size = () if box.text else (round(box.width / side), round(box.height / side))
        text = box.text.translate(SUBSCRIPTS)
        place = tuple(round(number, 1) + 0.0 for number in place)
        shown.add((panel, box.kind, place, size, text, box.colour, round(box.level, 2)))
    return shown


def with_svg(scene):
    """Write a scene as SVG and read it back."""
    return read_scene_svg(svg.scene_file(scene, title="t", description="d"))


def with_matplotlib(scene):
    """Draw a scene with Matplotlib, write the figure and read it back."""
    with plots.style():
        fig, ax = plots.canvas(scene.width, scene.height)
        plots.draw_scene(ax, scene)
    return read_figure_svg(plots.figure_file(fig, title="t", description="d"))


BACKENDS = {"svg": with_svg, "matplotlib": with_matplotlib}

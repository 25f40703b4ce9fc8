"""Thumbnails of posts show what their cells computed."""

import io

import nbformat
import numpy as np
import pytest
from PIL import Image

from blog.ext.small_pictures import crop_to_square
from blog.ext.thumbnails import traced_operations
from cnnlib import conv2d
from cnnlib.explain import explorer, show_step, trace


def test_pictures_and_explorers_leave_their_numbers_for_thumbnails(tmp_path):
    operations = [trace(conv2d, np.eye(size, dtype=int), [[1, -1]]) for size in (3, 4)]
    shown = show_step(operations[0], caption="c"), explorer(operations[1])
    outputs = []
    for one in shown:
        data, metadata = one._repr_mimebundle_()
        outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))
    cell = nbformat.v4.new_code_cell(outputs=outputs)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "post.ipynb")
    found = [one.to_dict() for one in traced_operations(tmp_path / "post.ipynb")]
    assert found == [one.to_dict() for one in operations]


def test_a_photograph_is_cropped_to_its_middle_and_what_is_clear_in_it_is_white():
    image = Image.new("RGBA", (30, 90))  # clear
    image.paste("blue", (0, 30, 30, 45))  # the upper half of the middle
    file = io.BytesIO()
    image.save(file, "PNG")
    small = Image.open(io.BytesIO(crop_to_square(file.getvalue()))).convert("RGB")
    side = small.width
    assert small.height == side
    assert small.getpixel((side // 2, side // 4)) == pytest.approx((0, 0, 255), abs=12)
    assert small.getpixel((side // 2, side * 3 // 4)) == pytest.approx((255, 255, 255), abs=12)

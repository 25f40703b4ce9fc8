"""Thumbnails of posts show what their cells computed."""

import nbformat
import numpy as np

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

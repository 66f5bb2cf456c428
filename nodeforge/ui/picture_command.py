"""`nodeforge picture`: a drawing as a file, without a window."""

from __future__ import annotations

import argparse
import os
import sys

from nodeforge.core.errors import UserError
from nodeforge.session.workspace import Workspace


def draw_picture(options: argparse.Namespace) -> None:
    """Write a network of a project as SVG, PDF or PNG.

    Raises:
        UserError: The project or its network is not there, or the file cannot be written.
    """
    workspace = Workspace.open(options.project)
    networks = workspace.document.networks
    network = options.network or workspace.document.main
    if network not in networks:
        raise UserError(f"The project has no network {network!r}; it has: {', '.join(networks)}.")
    if sys.platform == "linux":  # fonts are found there without a screen, too
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    from nodeforge.ui.canvas.painting import pictures
    from nodeforge.ui.project_model import ProjectModel

    application = QGuiApplication.instance() or QGuiApplication(["nodeforge"])
    model = ProjectModel(workspace)
    model.show_network(network)
    chosen = pictures.PictureOptions(
        dark=options.dark,
        transparent=options.transparent,
        shapes=not options.no_shapes,
        grid=options.grid,
        badges=options.problems,
        scale=options.scale,
    )
    pictures.write(pictures.subject_of(model, chosen), chosen, options.output)
    workspace.close()
    del application  # kept until here: fonts belong to it

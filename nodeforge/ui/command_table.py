"""The one table of commands. Order here is order in menus, toolbar, command palette and help."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nodeforge.ui.actions import Command
from nodeforge.ui.canvas.commands import COMMANDS as CANVAS_COMMANDS
from nodeforge.ui.places import PLACES

if TYPE_CHECKING:
    from nodeforge.ui.main_window import MainWindow

# fmt: off
# A command is two or three lines, so that this reads as the table it is.

MENUS = ("&File", "&Edit", "&Select", "&Node", "&Arrange", "&View", "&Train", "&Help")
def command_table(window: MainWindow) -> tuple[Command, ...]:
    """Every command of the window."""
    return (*_file(window), *_edit(window), *_on_canvas(window, "Select"),
            *_on_canvas(window, "Node"), *_arrange(window), *_view(window), *_on_canvas(window, "Bookmarks"), *_train(window), *_help(window))


def _file(w: MainWindow) -> tuple[Command, ...]:
    menu = "File"
    return (
        Command(id="file.new", title="&New", menu=menu, shortcuts=("Ctrl+N",), icon="new",
                tip="Start an empty project", toolbar=True, run=lambda: w.documents.new()),
        Command(id="file.open", title="&Open…", menu=menu, shortcuts=("Ctrl+O",), icon="open",
                tip="Open a project", toolbar=True, run=lambda: w.documents.open_dialog()),
        Command(id="file.welcome", title="&Examples", menu=menu, icon="home",
                tip="Go to the page of examples and recent projects", run=w.show_welcome),
        Command(id="file.save", title="&Save", menu=menu, group=1, shortcuts=("Ctrl+S",), icon="save",
                tip="Save the project", toolbar=True, run=lambda: w.documents.save(), enabled=w.has_project),
        Command(id="file.save_as", title="Save &as…", menu=menu, group=1, shortcuts=("Ctrl+Shift+S",),
                tip="Save the project in another folder", run=lambda: w.documents.save_as(),
                enabled=w.has_project),
        Command(id="file.export", title="Export &model…", menu=menu, group=2, shortcuts=("Ctrl+E",),
                icon="export", tip="Take a trained network away, as ONNX for example", toolbar=True,
                run=w.dialogs.export_model, enabled=w.has_project),
        Command(id="file.export_picture", title="Export &picture…", menu=menu, group=2,
                tip="Save the drawing, or what is selected, as SVG, PDF or PNG", run=w.dialogs.export_picture, enabled=w.has_project),
        Command(id="file.preferences", title="P&references…", menu=menu, group=3, shortcuts=("Ctrl+,",),
                icon="settings", tip="Theme, and mouse or touchpad", run=w.dialogs.preferences),
        Command(id="file.close", title="&Close project", menu=menu, group=4, shortcuts=("Ctrl+W",),
                tip="Close the project and go to the first page", run=w.close_project,
                enabled=w.has_project),
        Command(id="file.quit", title="&Quit", menu=menu, group=4, shortcuts=("Ctrl+Q",),
                tip="End NodeForge", run=w.close, everywhere=True),
    )


def _edit(w: MainWindow) -> tuple[Command, ...]:
    menu = "Edit"

    def on_canvas(id_: str, title: str, keys: tuple[str, ...], icon: str, tip: str, run: Callable[[], object],
                  *, needs_selection: bool = True, group: int = 1) -> Command:
        enabled = w.has_selection if needs_selection else w.has_project
        return Command(id=id_, title=title, menu=menu, group=group, shortcuts=keys, icon=icon, tip=tip,
                       run=run, enabled=enabled, on_canvas=True)

    return (
        Command(id="edit.undo", title="&Undo", menu=menu, shortcuts=("Ctrl+Z",), icon="undo",
                tip="Take the last step back", toolbar=True, run=lambda: w.model.undo(), enabled=w.can_undo),
        Command(id="edit.redo", title="&Redo", menu=menu, shortcuts=("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo",
                tip="Do the step again", toolbar=True, run=lambda: w.model.redo(), enabled=w.can_redo),
        on_canvas("edit.cut", "Cu&t", ("Ctrl+X",), "cut", "Cut the selected nodes",
                  lambda: w.canvas.operations.cut()),
        on_canvas("edit.copy", "&Copy", ("Ctrl+C",), "copy", "Copy the selected nodes as text",
                  lambda: w.canvas.operations.copy()),
        on_canvas("edit.paste", "&Paste", ("Ctrl+V",), "paste", "Paste nodes", lambda: w.canvas.operations.paste(),
                  needs_selection=False),
        on_canvas("edit.duplicate", "&Duplicate", ("Ctrl+D",), "duplicate", "Copy the selected nodes in place",
                  lambda: w.canvas.operations.duplicate()),
        on_canvas("edit.delete", "De&lete", ("Del", "Backspace"), "delete",
                  "Delete the selected nodes; the wires around them heal", lambda: w.canvas.operations.delete()),
        *_on_canvas(w, menu),
        on_canvas("edit.group", "Ma&ke a network", ("Ctrl+G",), "networks",
                  "Make a network of the selected nodes, with one node in their place",
                  lambda: w.canvas.operations.group()),
        on_canvas("edit.ungroup", "Take netw&ork apart", ("Ctrl+Shift+G",), "ungroup",
                  "Put the nodes of the selected network in its place", lambda: w.canvas.operations.ungroup()),
        on_canvas("edit.add", "Add &node…", ("Tab",), "add", "Find a layer by name and add it",
                  lambda: w.canvas.open_search(), needs_selection=False, group=2),
        Command(id="edit.custom", title="New custom la&yer…", menu=menu, group=2, icon="code",
                tip="Write a layer in Python, in a file of the project", run=lambda: w.code.begin(),
                enabled=w.has_project),
        Command(id="edit.trust", title="R&ead custom code…", menu=menu, group=2, icon="lock",
                tip="Look at code of this project that is not trusted yet, and say whether it may run",
                run=lambda: w.code.review_next(), enabled=w.has_untrusted_code),
        Command(id="edit.find", title="Find on t&he canvas…", menu=menu, group=2, shortcuts=("Ctrl+F",), icon="search",
                tip="Search the drawing by name, kind, shape, parameter or problem", run=lambda: w.canvas.finder.open(),
                enabled=w.has_project),
        Command(id="edit.find_layer", title="&Find layer", menu=menu, group=2, shortcuts=("Ctrl+L",),
                icon="search", tip="Search the list of layers", run=w.find_layer, enabled=w.has_project),
        Command(id="edit.next_problem", title="Next pro&blem", menu=menu, group=3, shortcuts=("F4",), icon="problems",
                tip="Show the next finding on the canvas, with what mends it", run=lambda: w.canvas.badges.go(1),
                enabled=w.has_project),
        Command(id="edit.previous_problem", title="Pre&vious problem", menu=menu, group=3, shortcuts=("Shift+F4",),
                tip="Show the finding before", run=lambda: w.canvas.badges.go(-1), enabled=w.has_project),
        Command(id="edit.commands", title="Co&mmand palette…", menu=menu, group=3,
                shortcuts=("Ctrl+Shift+P", "Ctrl+K"), icon="command",
                tip="Find any command, layer or node by typing", run=w.dialogs.command_palette),
    )


def _on_canvas(w: MainWindow, menu: str) -> tuple[Command, ...]:
    """What the canvas itself declares for a menu."""
    return tuple(
        Command(id=each.id, title=each.title, menu=each.menu, group=each.group, shortcuts=each.keys, icon=each.icon,
                tip=each.tip, run=partial(lambda each: each.run(w.canvas), each), on_canvas=True,
                enabled=partial(lambda each: w.has_project() and each.is_possible(w.canvas), each))
        for each in CANVAS_COMMANDS if each.menu == menu
    )


def _arrange(w: MainWindow) -> tuple[Command, ...]:
    menu = "Arrange"
    return (
        Command(id="arrange.all", title="&Arrange nodes", menu=menu, shortcuts=("Ctrl+Shift+L",), icon="layout",
                tip="Put the nodes in order, from input to output", toolbar=True,
                run=lambda: w.canvas.operations.arrange(), enabled=w.has_project),
        *_on_canvas(w, menu),
        Command(id="arrange.grid", title="Snap to gr&id", menu=menu, group=3, shortcuts=("Alt+Shift+G",),
                tip="Let dragged nodes keep to the grid where nothing else catches them", run=lambda: w.habits.toggle_grid(),
                enabled=w.has_project, checked=lambda: w.preferences.snaps_to_grid),
    )


PANEL_KEYS = "1234567890-="
"""The upper row of a keyboard."""


OVERLAYS = {
    "parameters": ("&parameters", "Warm nodes have many numbers that training changes"),
    "macs": ("multipl&y-accumulates", "Warm nodes compute much"),
    "kept": ("activation m&emory", "Warm nodes keep much in memory while the network trains"),
    "gradient": ("&gradient", "Warm nodes are told to change much, in the training that runs or ran last"),
    "spread": ("&spread of activations", "Warm nodes give numbers that lie far apart"),
    "silent": ("silent &units", "Warm nodes have units that give 0 for every sample"),
}
"""By name of a colouring: its title in the menu, and what it shows."""


def _view(w: MainWindow) -> tuple[Command, ...]:
    menu = "View"
    panels = tuple(
        Command(id=f"view.{place.name}", title=place.title, menu=menu, group=1, shortcuts=(f"Alt+{key}",),
                icon=place.sign, tip=f"Show or hide {place.title.lower()}", run=partial(w.toggle_panel, place.name),
                enabled=w.has_project, checked=partial(w.panel_is_shown, place.name))
        for key, place in zip(PANEL_KEYS, PLACES, strict=True)
    )
    colours = "Colour nodes by"
    overlays = tuple(
        Command(id=f"view.overlay_{name}", title=f"Colour by {title}", menu=menu, submenu=colours, tip=tip,
                run=partial(w.toggle_overlay, name), enabled=w.has_project, checked=partial(w.shows_overlay, name))
        for name, (title, tip) in OVERLAYS.items()
    )
    return (
        Command(id="view.fit", title="&Fit drawing", menu=menu, shortcuts=("F", "Home"), icon="fit",
                tip="Show the whole drawing", toolbar=True, run=lambda: w.canvas.fit(),
                enabled=w.has_project, on_canvas=True),
        Command(id="view.zoom_in", title="Zoom &in", menu=menu, shortcuts=("Ctrl++", "Ctrl+="), icon="zoom-in",
                run=lambda: w.canvas.zoom_in(), enabled=w.has_project),
        Command(id="view.zoom_out", title="Zoom &out", menu=menu, shortcuts=("Ctrl+-",), icon="zoom-out",
                run=lambda: w.canvas.zoom_out(), enabled=w.has_project),
        Command(id="view.zoom_reset", title="&100 %", menu=menu, shortcuts=("Ctrl+0",),
                tip="Show the drawing at its own size", run=lambda: w.canvas.reset_zoom(),
                enabled=w.has_project),
        *_on_canvas(w, menu),
        Command(id="view.minimap", title="&Map of the drawing", menu=menu, shortcuts=("Ctrl+Shift+M",), icon="map",
                tip="Show all of the drawing in a corner of the canvas while only a part of it is in sight",
                run=lambda: w.habits.toggle_minimap(), enabled=w.has_project,
                checked=lambda: w.has_project() and w.canvas.minimap.wanted),
        Command(id="view.overlay", title="&Colour nodes", menu=menu, submenu=colours, shortcuts=("Ctrl+Shift+H",),
                icon="costs", tip="Colour the nodes by what they were coloured by last, or no longer",
                run=w.toggle_overlay, enabled=w.has_project, checked=w.shows_overlay),
        *overlays,
        Command(id="view.touchpad", title="&Touchpad moves the canvas", menu=menu,
                tip="Two fingers move the canvas and a pinch zooms; off, the wheel zooms", run=w.preferences.toggle_touchpad,
                checked=lambda: w.preferences.has_touchpad),
        Command(id="view.next_panel", title="Go to next pa&nel", menu=menu, group=2, shortcuts=("Ctrl+Tab",),
                tip="Give the keys to the next panel that is shown", run=lambda: w.workbench.step_focus(1),
                enabled=w.has_project),
        Command(id="view.previous_panel", title="Go to pre&vious panel", menu=menu, group=2,
                shortcuts=("Ctrl+Shift+Tab",), tip="Give the keys to the panel before",
                run=lambda: w.workbench.step_focus(-1), enabled=w.has_project),
        *panels,
        Command(id="view.reset", title="&Reset panels", menu=menu, group=2,
                tip="Put every panel where it stood at first", run=w.reset_layout, enabled=w.has_project),
    )


def _train(w: MainWindow) -> tuple[Command, ...]:
    menu = "Train"
    return (
        Command(id="train.start", title="&Train", menu=menu, shortcuts=("F5",), icon="train", toolbar=True,
                caption=True, tip="Train the network as it is drawn", run=w.train, enabled=w.can_train),
        Command(id="train.pause", title="&Pause", menu=menu, shortcuts=("F6",), icon="pause", toolbar=True,
                tip="Hold the training, or go on with it", run=w.pause_or_resume, enabled=w.can_pause,
                checked=w.is_paused),
        Command(id="train.step", title="&One batch", menu=menu, shortcuts=("F7",), icon="step",
                tip="Train on one batch, then pause", run=lambda: w.workbench.training.step(),
                enabled=w.can_step),
        Command(id="train.stop", title="&Stop", menu=menu, shortcuts=("Shift+F5",), icon="stop", toolbar=True,
                tip="End the training after this batch; what was learnt is kept",
                run=lambda: w.workbench.training.stop(), enabled=w.is_training),
        Command(id="train.deep_check", title="&Deep check…", menu=menu, group=1, shortcuts=("F8",),
                icon="deep-check", tip="Run the network and try what only that can tell",
                run=w.dialogs.deep_check, enabled=w.has_project),
        Command(id="train.rates", title="&Learning-rate test…", menu=menu, group=1, icon="plots",
                tip="Train a little at growing learning rates, and see at which the loss falls",
                run=w.dialogs.rate_test, enabled=w.has_project),
        Command(id="train.weights", title="&Weights to begin with…", menu=menu, group=1,
                tip="Begin with the weights of a run or a file, and see what of them fits",
                run=w.dialogs.weights, enabled=w.has_project),
        Command(id="train.restart_engine", title="Restart &engine", menu=menu, group=1, icon="restart",
                tip="End the process that trains and start a fresh one", run=lambda: w.engine.restart()),
    )


def _help(w: MainWindow) -> tuple[Command, ...]:
    menu = "Help"
    return (
        Command(id="help.shortcuts", title="&Keyboard shortcuts", menu=menu, shortcuts=("Shift+F1",), icon="keyboard",
                tip="List every key, and change it", run=w.dialogs.shortcuts),
        Command(id="help.start", title="&Getting started", menu=menu, icon="book",
                tip="The first network, step by step", run=lambda: w.dialogs.show_help("getting-started")),
        Command(id="help.window", title="The &window", menu=menu, icon="help",
                tip="What is where in the window", run=lambda: w.dialogs.show_help("window")),
        Command(id="help.layer", title="About the selected &layer", menu=menu, shortcuts=("F1",),
                tip="Read about the kind of the selected node, or of the chosen row of the palette",
                run=w.dialogs.help_in_focus),
        Command(id="help.about", title="&About NodeForge", menu=menu, group=1, tip="Version and licence",
                run=w.dialogs.about),
    )

"""The tabs in groups, so that nobody meets a dozen equal ones: above Gradio's row of tabs stands
one of groups, and only the chosen group's tabs are shown.
"""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from ganapp.ui.parts.page import asset

SCRIPTS = (
    "parts/keys",
    "parts/controls",
    "parts/navigation",
    "parts/address",
    "parts/share",
    "parts/present",
    "classroom/bar",
)
"""What runs with the bar, in this order."""


class Group(NamedTuple):
    """Tabs that belong together: the group's `name` in the markup, its `title`, and the ids of its
    tabs, of which the first one opens with it.
    """

    name: str
    title: str
    tabs: tuple[str, ...]


GROUPS = (
    Group("learn", "Learn", ("start", "lessons", "lab", "theory", "classroom")),
    Group("train", "Train", ("train",)),
    Group(
        "explore",
        "Explore",
        ("latent", "classes", "letters", "text", "translate", "restore", "inside"),
    ),
    Group("measure", "Measure", ("evaluate", "spot", "augmentation")),
)


def bar() -> str:
    """The name of the app and its groups, as markup."""
    buttons = "".join(
        f'<button type="button" data-group="{group.name}" data-tabs="{" ".join(group.tabs)}">'
        f"{escape(group.title)}</button>"
        for group in GROUPS
    )
    tools, _, below = asset("parts/share.html").partition("</div>")
    return (
        '<section class="masthead"><h1>ganapp</h1>'
        f'<nav class="groups" aria-label="Groups of tabs">{buttons}</nav>{tools}</div></section>'
        f"{below}{asset('classroom/bar.html')}"
    )


def script() -> str:
    """The script of the bar; each part in a scope of its own."""
    return "\n".join(f"{{\n{asset(f'{name}.js')}\n}}" for name in SCRIPTS)


def style() -> str:
    """The rules that show the tabs of the chosen group alone, and none of a group of one."""
    rules = []
    for group in GROUPS:
        hidden = ", ".join(
            f'#tabs:not([data-group="{group.name}"]) > .tab-wrapper [data-tab-id="{tab}"]'
            for tab in group.tabs
        )
        rules.append(f"{hidden} {{ display: none; }}")
        if len(group.tabs) == 1:
            rules.append(f'#tabs[data-group="{group.name}"] > .tab-wrapper {{ display: none; }}')
    return "\n".join(rules)

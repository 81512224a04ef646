"""The app as a whole: `build_app()` with its tabs and theme, and the options it is launched
with.
"""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr
from gradio.themes.utils import colors, fonts, sizes
from starlette.middleware import Middleware

from ganapp.datasets.terms import TERMS
from ganapp.runs import Registry
from ganapp.ui import api, files, navigation
from ganapp.ui.augmentation import tab as augmentation
from ganapp.ui.classes import tab as classes
from ganapp.ui.classroom import tab as classroom
from ganapp.ui.evaluate import tab as evaluate
from ganapp.ui.first_script import FirstScript
from ganapp.ui.inside import tab as inside
from ganapp.ui.lab import tab as lab
from ganapp.ui.latent import tab as latent
from ganapp.ui.learn import tab as learn
from ganapp.ui.letters import tab as letters
from ganapp.ui.parts.limits import Limits
from ganapp.ui.parts.page import Page, asset, style
from ganapp.ui.quiz import tab as quiz
from ganapp.ui.restore import tab as restore
from ganapp.ui.text import tab as text
from ganapp.ui.theory import tab as theory
from ganapp.ui.train import tab as train
from ganapp.ui.translate import tab as translate

# Of the visitor's browser alone. It must outlive the app, or a restart would make every browser
# forget its runs; what it hides (a random key that the server keeps only as a hash) never leaves
# that browser's storage but for this server.
STORAGE_SECRET = "ganapp-browser-1"

PURPLE = colors.Color(
    name="generator",
    c50="#faf4fb",
    c100="#f4e6f7",
    c200="#e8cdee",
    c300="#d7a8e0",
    c400="#c07acd",
    c500="#a33ebd",
    c600="#9233aa",
    c700="#78298c",
    c800="#5f2170",
    c900="#471a53",
    c950="#2d0f36",
)


def build_app(registry: Registry) -> gr.Blocks:
    """The interface over `registry`, not launched yet."""
    with gr.Blocks(
        title="ganapp: watch GANs learn", analytics_enabled=False, delete_cache=(600, 3600)
    ) as demo:
        gr.HTML(
            navigation.bar(),
            elem_classes="masthead-holder",
            js_on_load=navigation.script(),
        )
        browser = gr.BrowserState({}, storage_key="ganapp", secret=STORAGE_SECRET)
        # In a tab it would be read too late.
        evaluated = gr.BrowserState([], storage_key="ganapp-evaluated", secret=STORAGE_SECRET)
        page = Page(demo, registry, browser, evaluated)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Start", id="start"):
                learn.build_start()
            with gr.Tab("Lessons", id="lessons"):
                learn.build_lessons()
            with gr.Tab("Classroom", id="classroom"):
                classroom.build(learn.titles())
            with gr.Tab("2-D lab", id="lab"):
                lab.build(page, tabs, "lab")
            with gr.Tab("Theory", id="theory"):
                theory.build(page)
            with gr.Tab("Train", id="train"):
                train.build(page)
            with gr.Tab("Latent space", id="latent") as latent_tab:
                latent.build(page, latent_tab)
            with gr.Tab("Class-conditional", id="classes") as classes_tab:
                classes.build(page, classes_tab)
            with gr.Tab("Text", id="text") as text_tab:
                text.build(page, text_tab)
            with gr.Tab("Letters", id="letters") as letters_tab:
                letters.build(page, letters_tab)
            with gr.Tab("Translate", id="translate") as translate_tab:
                translate.build(page, translate_tab)
            with gr.Tab("Restore", id="restore") as restore_tab:
                restore.build(page, restore_tab)
            with gr.Tab("Inside", id="inside") as inside_tab:
                inside.build(page, inside_tab)
            with gr.Tab("Evaluate", id="evaluate") as evaluate_tab:
                evaluate.build(page, evaluate_tab)
            with gr.Tab("Spot the fake", id="spot") as spot_tab:
                quiz.build(page, spot_tab)
            with gr.Tab("Augmentation", id="augmentation"):
                augmentation.build()
        learn.build_dock()
        gr.HTML(credits_html(), elem_classes="credits")
        api.publish(registry)
    result: gr.Blocks = demo
    return result


def credits_html() -> str:
    """Whose the data are that the models of every tab learned from."""
    rows = {terms.credit: terms.link for name, terms in TERMS.items() if name != "own"}
    listed = "".join(
        f'<li>{escape(credit)} <a href="{link}" target="_blank" rel="noopener">Terms</a></li>'
        for credit, link in rows.items()
    )
    return f"<details><summary>Data and licences</summary><ul>{listed}</ul></details>"


def theme() -> gr.themes.Base:
    """One theme, local fonts only, so that the page works without a network; subdued text dark
    enough to be read.
    """
    system: list[fonts.Font | str] = ["ui-sans-serif", "system-ui", "sans-serif"]
    mono: list[fonts.Font | str] = ["ui-monospace", "Consolas", "monospace"]
    return gr.themes.Default(
        primary_hue=PURPLE,
        secondary_hue=colors.blue,
        neutral_hue=colors.slate,
        font=system,
        font_mono=mono,
        radius_size=sizes.radius_md,
    ).set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_text_color="white",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
    )


def launch_options(registry: Registry) -> dict[str, Any]:
    """Arguments of `launch()`. Port and host come from GRADIO_SERVER_PORT and
    GRADIO_SERVER_NAME.
    """
    return {
        "theme": theme(),
        "css": style() + navigation.style(),
        "max_threads": 80,
        "run_history": False,
        "ssr_mode": False,
        "max_file_size": "100mb",
        "footer_links": ["api"],
        "app_kwargs": {
            "routes": files.routes(registry),
            "middleware": [
                Middleware(Limits),
                Middleware(FirstScript, script=asset("parts/frames.js")),
            ],
        },
    }

"""The Evaluate tab: trained models measured beside real pictures, one or several."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from ganapp.config.presets import DEFAULT_PRESET
from ganapp.errors import BadInput
from ganapp.ui.evaluate import handlers
from ganapp.ui.evaluate.handlers import COUNTS, MOST_MODELS, Request, Result
from ganapp.ui.evaluate.queue import JobQueue
from ganapp.ui.parts import catalog
from ganapp.ui.parts.components import (
    LIVE,
    component,
    file,
    heading,
    looking,
    on,
    seed,
    with_errors,
)
from ganapp.ui.parts.page import ACT, PRIVATE, QUIET, Page, reports_errors
from ganapp.ui.parts.rendering import Props
from ganapp.ui.parts.visitor import owner_key

FIRST = [f"bundled:{DEFAULT_PRESET}"]
SECONDS_A_LOOK = 0.4
LINE = JobQueue()
"""All visitors' measurements, one after the other."""

Results = tuple[Result, ...]


def choices(page: Page, current: Any, browser: Any) -> Any:
    """The list of models, with those chosen that are still there; models of the Hub stay in it as
    long as they are chosen.
    """
    names = (
        list(dict.fromkeys(value for value in current[: 4 * MOST_MODELS] if isinstance(value, str)))
        if isinstance(current, list)
        else []
    )
    found = {
        value: label
        for label, value in catalog.choices(page.registry.runs_of(owner_key(browser))[:50])
    }
    for name in names:
        found |= {value: label for label, value in catalog.choices((), name) if value == name}
    return gr.update(
        choices=[(label, value) for value, label in found.items()],
        value=[name for name in names if name in found],
    )


def fetched(page: Page, text: Any, current: Any, browser: Any) -> tuple[Any, str]:
    """A model of the Hub, opened and chosen beside the others."""
    value = catalog.hub_value(text)
    looking(value)
    if "draw" not in catalog.uses(catalog.load(value).config):
        raise BadInput(
            f"{value[4:]} translates pictures and draws none from noise, so it cannot be measured:"
            " it opens on the Translate tab."
        )
    return choices(page, [*(current if isinstance(current, list) else []), value], browser), ""


async def measured(what: Request) -> AsyncIterator[Props | Result]:
    """How far the measurement of one model is, again and again, and then its result; raises what it
    raised. Whoever stops listening leaves the line.
    """
    if (before := handlers.known(what)) is not None:  # at once, however many wait
        yield before
        return
    job = LINE.join(what.key, lambda progress: handlers.measured(what, progress))
    try:
        while not job.ended.is_set():
            ahead = LINE.ahead(job)
            doing = f"{ahead} before this one in the line" if ahead else job.what
            yield {"share": job.share, "doing": doing}
            await asyncio.sleep(SECONDS_A_LOOK)
        yield job.result()
    finally:
        LINE.leave(job)


def shown(
    results: Results, note: str, problems: list[str], share: float | None = None, run: float = 0.0
) -> Props:
    """What the table's script draws; `share` of a measurement that goes on, and `run`, when that
    began: the script ignores what still arrives of one that was stopped.
    """
    percent = None if share is None else round(100 * share)
    return {
        **handlers.table(results),
        "note": note,
        "problems": problems,
        "percent": percent,
        "run": run,
        "number": time.monotonic(),
    }


def picker(results: Results, chosen: str | None) -> Any:
    """The choice of the model whose plots are shown."""
    return gr.update(
        choices=[(f"{one.name}, {one.count:,}, seed {one.seed}", one.key) for one in results],
        value=chosen,
    )


@with_errors
def plots(results: Results, key: Any) -> Props:
    """The plots of a model that was measured."""
    result = handlers.chosen(results, key)
    return {**result.plots, "key": result.key, "title": f"{result.name}: {result.title}"}


def card(results: Results, key: Any) -> Props:
    """The card of a model that was measured, as a download."""
    result = handlers.chosen(results, key)
    return file(f"{result.name.replace(' ', '-')}-README.md", "text/markdown", result.card.encode())


def build(page: Page, tab: gr.Tab) -> None:
    """Lays the tab out and wires it."""
    results: Any = gr.State(())
    with gr.Column(elem_classes="explore-card", elem_id="evaluate-card"):
        heading(
            "How good are its pictures?",
            "Choose models, and let each draw pictures that are measured beside the real ones it"
            " learned from. No figure means much alone: hold it against its interval and against"
            " what real pictures score among themselves.",
        )
        with gr.Row(elem_classes="explore-models"):
            models = gr.Dropdown(
                catalog.choices(),
                value=[value for _, value in catalog.choices() if value in FIRST],
                multiselect=True,
                label="Models",
                elem_id="evaluate-models",
                min_width=260,
                scale=2,
                info="One or several; CycleGANs draw nothing from noise and are not among them.",
            )
            repo = gr.Textbox(
                label="Open from the Hugging Face Hub: owner/name",
                placeholder="owner/name",
                max_lines=1,
                elem_id="evaluate-hub",
                min_width=220,
                info="A model that somebody published; it joins the list.",
            )
            opener = gr.Button(
                "Open", elem_id="evaluate-hub-open", min_width=80, scale=0, size="md"
            )
        with gr.Row(elem_classes="evaluate-settings"):
            count = gr.Radio(
                [(f"{number:,}", number) for number in COUNTS],
                value=1000,
                label="Pictures of each model",
                elem_id="evaluate-count",
                min_width=280,
                info="Every figure depends on it; 5,000 is the number of the published ones.",
            )
            with gr.Column(min_width=220, scale=1):
                start = seed("evaluate-seed", "Seed", 1, "Where the noise comes from.")
        with gr.Row(elem_classes="evaluate-buttons"):
            button = gr.Button(
                "Evaluate",
                variant="primary",
                elem_id="evaluate-start",
                size="md",
                min_width=130,
                scale=0,
            )
            stop = gr.Button("Stop", elem_id="evaluate-stop", size="md", min_width=80, scale=0)
            save = gr.Button(
                "Download CSV", elem_id="evaluate-csv", size="md", min_width=150, scale=0
            )
            clear = gr.Button("Clear", elem_id="evaluate-clear", size="md", min_width=80, scale=0)
        saved = component("parts/download", "evaluate-download", "<span></span>")
        table = component("evaluate/evaluate", "evaluate-table", scripts=("evaluate/svg",))
    with gr.Column(elem_classes="explore-card evaluate-plots-card", elem_id="evaluate-plots-card"):
        heading(
            "The pictures behind the figures",
            "Five views of one model. Each sentence tells how to read what stands above it.",
        )
        with gr.Row(elem_classes="explore-models"):
            which = gr.Radio(
                [],
                label="Plots of",
                elem_id="evaluate-which",
                info="Any model that has been measured.",
                scale=2,
            )
            save_card = gr.Button(
                "Download its card", elem_id="evaluate-card-file", size="md", min_width=180, scale=0
            )
        saved_card = component("parts/download", "evaluate-card-download", "<span></span>")
        drawn = component("evaluate/plots", "evaluate-plots")

    def columns(kept: Results) -> list[str]:
        return [one.key for one in kept]

    async def run(
        values: Any, number: Any, noise: Any, browser: Any, kept: Results, key: Any
    ) -> AsyncIterator[list[Any]]:
        """Measures the chosen models one after the other; each joins the table as soon as it is
        done.
        """
        problems: list[str] = []
        first, began = None, time.monotonic()

        def going(note: str, share: float) -> list[Any]:
            return [shown(kept, note, problems, share, began), *[gr.skip()] * 4]

        try:
            names = handlers.wanted(
                values, await asyncio.to_thread(page.registry.runs_of, owner_key(browser))
            )
            handlers.checked(number, noise)
        except BadInput as error:
            yield [shown(kept, "", [str(error)], run=began), *[gr.skip()] * 4]
            return
        for place, value in enumerate(names):
            try:
                yield going(f"Looking for {value.partition(':')[2][:60]}", place / len(names))
                what = await asyncio.to_thread(handlers.asked, value, number, noise)
                async for news in measured(what):
                    if isinstance(news, Result):
                        kept, first = handlers.joined(kept, news), first or news.key
                    else:
                        note = f"{value.partition(':')[2][:60]}: {news['doing'] or 'beginning'}"
                        yield going(note, (place + news["share"]) / len(names))
            except BadInput as error:
                problems = [*problems, f"{value.partition(':')[2][:60]}: {error}"]
                continue
            chosen = first or key
            yield [
                going("", (place + 1) / len(names))[0],
                kept,
                columns(kept),
                picker(kept, chosen),
                plots(kept, chosen),
            ]
        yield [shown(kept, "", problems, run=began), *[gr.skip()] * 4]

    everything = [table, results, page.evaluated, which, drawn]
    running = button.click(
        run,
        [models, count, start, page.browser, results, which],
        everything,
        concurrency_limit=None,  # these only listen: LINE measures, one at a time
        show_progress="hidden",
        **PRIVATE,
    )
    stop.click(lambda kept: shown(kept, "Stopped.", []), results, table, cancels=[running], **QUIET)
    clear.click(
        lambda: [shown((), "", []), (), [], picker((), None), {"problem": ""}],
        None,
        everything,
        cancels=[running],
        **QUIET,
    )
    which.input(plots, [results, which], drawn, **LIVE)
    save.click(
        reports_errors(lambda kept: file("evaluation.csv", "text/csv", handlers.as_csv(kept))),
        results,
        saved,
        **ACT,
    )
    save_card.click(reports_errors(card), [results, which], saved_card, **ACT)

    def again(current: Any, browser: Any) -> Any:
        return choices(page, current, browser)

    def opened_again(keys: Any, browser: Any) -> list[Any]:
        """The table that a reload would have lost."""
        kept = handlers.recalled(keys, page.registry.runs_of(owner_key(browser))) if keys else ()
        if not kept:
            return [gr.skip()] * 4
        return [shown(kept, "", []), kept, picker(kept, kept[-1].key), plots(kept, kept[-1].key)]

    page.demo.load(again, [models, page.browser], models, **QUIET)
    page.demo.load(
        opened_again, [page.evaluated, page.browser], [table, results, which, drawn], **QUIET
    )
    tab.select(again, [models, page.browser], models, **QUIET)
    opened = reports_errors(lambda text, current, browser: fetched(page, text, current, browser))
    on([opener.click, repo.submit], opened, [repo, models, page.browser], [models, repo], **ACT)

"""The named endpoints, called as the README says, and the addresses of a run's files."""

from __future__ import annotations

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from PIL import Image

from ganapp.config.presets import PRESETS
from tests.browser.conftest import App

ENDPOINTS = {
    "/presets",
    "/start_run",
    "/run_status",
    "/stop_run",
    "/generate",
    "/interpolate",
    "/inspect",
}


@pytest.fixture(scope="module")
def client(app: App) -> Iterator[Client]:
    made = Client(app.url, verbose=False)
    yield made
    made.close()


def until(client: Client, run_id: str, states: set[str]) -> dict[str, object]:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        status: dict[str, object] = client.predict(run_id, api_name="/run_status")
        if status["state"] in states:
            return status
        time.sleep(0.1)
    pytest.fail(f"The run stayed {status}")


def test_nothing_else_is_public(app: App) -> None:
    with urllib.request.urlopen(app.url + "gradio_api/info") as answer:
        described = json.load(answer)
    assert set(described["named_endpoints"]) == ENDPOINTS
    assert not described["unnamed_endpoints"]


def test_presets(client: Client) -> None:
    presets = client.predict(api_name="/presets")
    assert {name: preset["settings"] for name, preset in presets.items()} == {
        name: preset.config.to_dict() for name, preset in PRESETS.items()
    }
    assert all(preset["note"] for preset in presets.values())


def test_a_run_from_start_to_end(client: Client) -> None:
    run_id = client.predict("mlp-digits-quick", '{"epochs": 1, "width": 8}', api_name="/start_run")
    status = until(client, run_id, {"finished"})
    assert status["epoch"] == status["epochs"] == 1
    assert set(status["scores"]) == {  # type: ignore[call-overload] # JSON
        "discriminator_loss",
        "generator_loss",
        "real_score",
        "fake_score",
    }
    assert status["images_per_second"] > 0
    with Image.open(client.predict(f"run:{run_id}", "", 4, 0, api_name="/generate")) as grid:
        assert grid.format == "PNG"


def test_a_run_is_stopped_with_its_key_alone(app: App, client: Client) -> None:
    run_id = client.predict(
        "mlp-digits-quick", '{"width": 8, "epochs": 9999}', "secret of mine", api_name="/start_run"
    )
    until(client, run_id, {"running"})
    for key in ("", "another"):
        with pytest.raises(AppError, match="Only the browser that started"):
            client.predict(run_id, key, api_name="/stop_run")
    assert client.predict(run_id, "secret of mine", api_name="/stop_run") == run_id
    until(client, run_id, {"stopped"})


def test_without_a_key_the_client_that_started_it_stops_it(app: App, client: Client) -> None:
    run_id = client.predict(
        "mlp-digits-quick", '{"width": 8, "epochs": 9999}', api_name="/start_run"
    )
    stranger = Client(app.url, verbose=False)
    with pytest.raises(AppError, match="Only the browser that started"):
        stranger.predict(run_id, api_name="/stop_run")
    stranger.close()
    client.predict(run_id, api_name="/stop_run")
    until(client, run_id, {"stopped"})


def test_defaults_are_those_of_the_documentation(client: Client) -> None:
    with (
        Image.open(client.predict("digits", api_name="/generate")) as some,
        Image.open(client.predict("digits", "", 16, 0, api_name="/generate")) as same,
    ):
        assert some.size == (10 * 34 + 2, 2 * 34 + 2) and some.tobytes() == same.tobytes()
    with Image.open(client.predict("digits", api_name="/interpolate")) as middle:
        assert middle.size == (32, 32)


def test_pictures(client: Client) -> None:
    first = client.predict("digits", "3", 12, 5, api_name="/generate")
    again = client.predict("digits", 3, 12, 5, api_name="/generate")
    other = client.predict("digits", "3", 12, 6, api_name="/generate")
    with Image.open(first) as a, Image.open(again) as b, Image.open(other) as c:
        assert a.format == "PNG" and a.size == (10 * 34 + 2, 2 * 34 + 2)
        assert a.tobytes() == b.tobytes() != c.tobytes()
    ends = [
        client.predict("digits", 1, 2, t, "slerp", api_name="/interpolate") for t in (0, 1, 0.5)
    ]
    with Image.open(ends[0]) as start, Image.open(ends[1]) as end, Image.open(ends[2]) as middle:
        assert start.size == (32, 32)
        assert len({start.tobytes(), end.tobytes(), middle.tobytes()}) == 3


def test_a_look_inside_names_the_layers_and_changes_a_channel(client: Client) -> None:
    plain = client.predict("digits", "generator", "", 0, 3, 5, "[]", api_name="/inspect")
    names = [layer["name"] for layer in plain["layers"]]
    assert plain["layer"] == names[0] and plain["changed"] == "" and plain["moved"] == 0
    off = json.dumps([[names[1], channel, 0] for channel in range(8)])
    found = client.predict("digits", "generator", names[1], 2, 3, 5, off, api_name="/inspect")
    assert found["picture"] == plain["picture"] != found["changed"] and found["moved"] > 0
    assert found["pull"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("arguments", "endpoint", "sentence"),
    [
        (("digits", "generator", "", 0, 3, 5, "{}"), "/inspect", "changes_json must be"),
        (("digits", "critic", "", 0, 3, 5, "[]"), "/inspect", "The network"),
        (("no-preset", "{}"), "/start_run", "no preset called"),
        (("digits", "[1]"), "/start_run", "JSON object"),
        (("digits", "{"), "/start_run", "JSON object"),
        (("digits", '{"epochs": 0}'), "/start_run", "epochs is '0'"),
        (("digits", '{"colour": 1}'), "/start_run", "no setting called 'colour'"),
        (("../../etc",), "/run_status", "no run called"),
        (("no-such-run", "key"), "/stop_run", "no run called"),
        (("no-model", "", 4, 0), "/generate", "no-model"),
        (("../digits", "", 4, 0), "/generate", "digits"),
        (("run:../x", "", 4, 0), "/generate", "no run|run"),
        (("digits", "eleven", 4, 0), "/generate", "no class 'eleven'"),
        (("digits", "", 0, 0), "/generate", "count is"),
        (("digits", "", 1e9, 0), "/generate", "count is"),
        (("digits", "", 4, -1), "/generate", "seed is"),
        (("digits", 1, 2, 1.5, "slerp"), "/interpolate", "t is"),
        (("digits", 1, 2, 0.5, "straight"), "/interpolate", "lerp or slerp"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(
    client: Client, arguments: tuple[object, ...], endpoint: str, sentence: str
) -> None:
    with pytest.raises(AppError, match=sentence) as caught:
        client.predict(*arguments, api_name=endpoint)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        "runs/example/run.json",
        "runs/../app.py",
        "runs/none/model.safetensors",
        "runs/example/epochs/99999.jpg",
        "runs/example/epochs/-1.jpg",
        "runs/%2e%2e/curves.csv",
        "runs/none/code.zip",
        "runs/%2e%2e/code.zip",
        "runs/recording-cyclegan-emoji/code.zip",
        "code.zip",
        "code.zip?preset=%0d%0aX:1",
        "code.zip?preset=digits&epochs=0",
    ],
)
def test_files_that_are_not_for_everyone_stay_closed(app: App, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(app.url + path)
    assert caught.value.code == 404


def test_the_code_of_a_recorded_run_is_a_zip(app: App) -> None:
    with urllib.request.urlopen(app.url + "runs/recording-digits/code.zip") as answer:
        name = answer.headers["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(answer.read())) as files:
            assert files.read("gan.py").startswith(b'"""Conditional DCGAN on digits: ')
    assert name == 'attachment; filename="recording-digits-code.zip"'

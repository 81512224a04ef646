"""Models of the Hugging Face Hub: fetched into its cache, and published with the visitor's own
token.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from huggingface_hub import HfApi, get_hf_file_metadata, hf_hub_download, hf_hub_url
from huggingface_hub.errors import (  # type: ignore[attr-defined] # of the client it uses
    HfHubHTTPError,
    HFValidationError,
    HTTPError,
)

from ganapp.checkpoints.folder import find, load, save
from ganapp.checkpoints.layout import CONFIG, WEIGHTS
from ganapp.checkpoints.model import TrainedModel
from ganapp.errors import BadInput


def fetch(repo: str, token: str | None = None) -> Path:
    """Downloads the model repository `repo` from the Hugging Face Hub into its cache; the folder
    that holds it.
    """
    name = CONFIG
    try:
        reachable = _hub_answers(repo, token)
        for name in (CONFIG, WEIGHTS):
            file = Path(
                hf_hub_download(
                    repo,
                    name,
                    token=token or False,
                    etag_timeout=15,
                    local_files_only=not reachable,
                )
            )
    except HFValidationError as error:
        raise BadInput(
            f"{repo[:80]!r} is not a repository name of the Hugging Face Hub; those look like"
            " owner/name."
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        reason = (
            "it does not exist or is private"
            if status in (401, 403, 404)
            else f"the Hub answered {status}"
        )
        raise BadInput(
            f"The model {repo!r} could not be had from the Hugging Face Hub: {reason}, or it has no"
            f" {name}."
        ) from error
    except (OSError, HTTPError) as error:
        raise BadInput(
            f"The Hugging Face Hub could not be reached for {repo!r}: check the connection; the"
            " bundled models need no network."
        ) from error
    return file.parent


def _hub_answers(repo: str, token: str | None) -> bool:
    """Whether the Hub can be reached, asked once: a download would go on asking for half a minute.
    Its errors are raised.
    """
    try:
        get_hf_file_metadata(hf_hub_url(repo, CONFIG), token=token or False, timeout=15)
    except HfHubHTTPError:
        raise
    except (OSError, HTTPError):
        return False
    return True


def open_model(name: str, device: torch.device | str = "cpu") -> TrainedModel:
    """A model by its bundled name, folder, or Hub repository ("owner/name", fetched if no such
    folder exists).
    """
    folder = find(name)
    if not folder.exists() and name.count("/") == 1 and not name.startswith((".", "/", "~")):
        folder = fetch(name)
    return load(folder, device)


def publish(model: TrainedModel, repo: str, token: str) -> str:
    """Uploads the model as the Hub repository `repo`; the commit's address. The visitor's own token
    is used for this call alone.
    """
    if not token.strip():
        raise BadInput(
            "Publishing needs your own Hugging Face token with write access; it is used once and"
            " kept nowhere."
        )
    if not re.fullmatch(r"[!-~]+", token.strip()):
        raise BadInput(
            "What was given as the token holds spaces or letters that no token has: copy it again"
            " from your Hugging Face settings."
        )
    with hub_refusals(f"The model was not published as {repo!r}", repo):
        return _upload(model, repo, HfApi(token=token.strip()))


@contextlib.contextmanager
def hub_refusals(failed: str, repo: str) -> Iterator[None]:
    """Says in a `BadInput` what has `failed` and why, where the Hub refuses to write to `repo`."""
    try:
        yield
    except HFValidationError as error:
        raise BadInput(
            f"{repo[:80]!r} is not a repository name of the Hugging Face Hub; those look like"
            " owner/name."
        ) from error
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        reasons = {
            401: "the token does not allow it",
            402: "the Hub asks for a paid plan",
            403: "the token does not allow it",
        }
        # Without the cause: its text may hold the request's headers.
        raise BadInput(f"{failed}: {reasons.get(status, f'the Hub answered {status}')}.") from None
    except (OSError, HTTPError):
        raise BadInput(
            f"{failed}: the Hugging Face Hub could not be reached. Check the connection and try"
            " again."
        ) from None


def _upload(model: TrainedModel, repo: str, api: HfApi) -> str:
    """Commits the files of the model to its repository, made if need be; the commit's address."""
    with tempfile.TemporaryDirectory() as folder:
        save(model, Path(folder))
        name = api.create_repo(repo, exist_ok=True).repo_id
        return str(
            api.upload_folder(
                repo_id=name, folder_path=folder, commit_message="Add a model trained with ganapp"
            )
        )

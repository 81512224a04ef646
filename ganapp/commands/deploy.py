"""`deploy`: this app as a Space of the Hugging Face Hub, in one command."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ganapp.errors import BadInput

if TYPE_CHECKING:
    from huggingface_hub import HfApi

ROOT = Path(__file__).resolve().parents[2]
FILES = ("app.py", "requirements.txt", "README.md", "LICENSE")
FOLDERS = ("ganapp", "checkpoints")
"""What a Space runs; tests, benchmarks and documents stay at home."""
ZERO_GPU = "zero-a10g"
"""Its name on the Hub, whatever GPUs it has by now."""
MOUNT = "/data"


class Plan(NamedTuple):
    """What a Space becomes. `bucket` is where it keeps its runs, if anywhere."""

    repo: str
    hardware: str
    private: bool
    bucket: str
    variables: dict[str, str]
    files: list[Path]

    def __str__(self) -> str:
        total = sum(path.stat().st_size for path in self.files)
        largest = max(self.files, key=lambda path: path.stat().st_size)
        megabytes = largest.stat().st_size / 1e6
        lines = [
            f"Space      {self.repo} ({'private' if self.private else 'public'}, Gradio)",
            f"hardware   {self.hardware}",
            f"runs       {_kept(self.bucket)}",
            "variables  " + (_listed(self.variables) or "none"),
            f"files      {len(self.files)}, {total / 1e6:.0f} MB in all; the largest is"
            f" {largest.relative_to(ROOT).as_posix()} with {megabytes:.1f} MB",
        ]
        return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The Space, its hardware, and what it keeps."""
    parser.add_argument("repo", metavar="OWNER/NAME", help="the Space, made if there is none")
    parser.add_argument(
        "--hardware",
        default=ZERO_GPU,
        metavar="KIND",
        help=f"{ZERO_GPU} is ZeroGPU, which lends each visitor a GPU (default); others are"
        " cpu-basic, cpu-upgrade, t4-small, l4x1 and larger ones",
    )
    parser.add_argument("--private", action="store_true", help="only you and your team see it")
    parser.add_argument(
        "--bucket",
        default="",
        metavar="OWNER/NAME",
        help="a storage bucket of the Hub that keeps the runs, made if there is none; without one"
        " they are gone when the Space restarts",
    )
    parser.add_argument(
        "--set",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="variables of the Space, such as GANAPP_PLACES=8",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen, and do nothing"
    )


def run(arguments: argparse.Namespace) -> int:
    """Makes the Space, or brings it up to date."""
    from huggingface_hub import HfApi, get_token

    from ganapp.checkpoints.hub import hub_refusals

    plan = _plan(arguments)
    print(plan)
    if arguments.dry_run:
        print("Nothing was done: leave --dry-run out to do it.")
        return 0
    token = get_token()
    if not token:
        raise BadInput(
            "There is no token of the Hugging Face Hub here: run `hf auth login`, or set HF_TOKEN"
            " to one with write access."
        )
    with hub_refusals(f"The Space {plan.repo!r} was not made", plan.repo):
        print(f"Its page: {_deploy(plan, HfApi(token=token))}")
    return 0


def _plan(arguments: argparse.Namespace) -> Plan:
    for name in filter(None, (arguments.repo, arguments.bucket)):
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
            raise BadInput(f"{name[:80]!r} is no name of the Hub: those look like owner/name.")
    check_hardware(arguments.hardware)
    variables = _variables(arguments.set)
    if arguments.bucket:
        variables = {"GANAPP_HOME": f"{MOUNT}/runs", "GANAPP_DATA": f"{MOUNT}/data"} | variables
    return Plan(
        arguments.repo,
        arguments.hardware,
        arguments.private,
        arguments.bucket,
        variables,
        _files(ROOT),
    )


def check_hardware(kind: str) -> None:
    """`BadInput` unless the Hub has such hardware."""
    from huggingface_hub import SpaceHardware

    known = [str(hardware.value) for hardware in SpaceHardware]
    if kind not in known:
        raise BadInput(f"--hardware is {kind[:40]!r}, but must be one of {', '.join(known)}.")


def _variables(given: Sequence[str]) -> dict[str, str]:
    for text in given:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=.*", text):
            raise BadInput(f"--set {text[:60]!r} is not like NAME=VALUE.")
    return dict(text.split("=", 1) for text in given)


def _files(root: Path) -> list[Path]:
    """What a Space needs of a copy of the repository."""
    if not (root / "app.py").is_file():
        raise BadInput(
            "A Space is made from a copy of the repository, and this is an installed package: clone"
            " the repository, and run python -m ganapp deploy there."
        )
    inside = sorted(path for name in FOLDERS for path in (root / name).rglob("*") if path.is_file())
    return [root / name for name in FILES] + [
        path
        for path in inside
        if not any(n == "__pycache__" or n.startswith(".") for n in path.relative_to(root).parts)
    ]


def _deploy(plan: Plan, api: HfApi) -> str:
    """Makes what is missing, and uploads; the address of the Space."""
    from huggingface_hub import SpaceHardware, Volume

    volumes = None
    if plan.bucket:
        api.create_bucket(plan.bucket, private=True, exist_ok=True)
        volumes = [Volume(type="bucket", source=plan.bucket, mount_path=MOUNT)]
    wanted: dict[str, Any] = {
        "space_hardware": SpaceHardware(plan.hardware),
        "space_variables": [{"key": k, "value": v} for k, v in plan.variables.items()],
        "space_volumes": volumes,
    }
    if api.repo_exists(plan.repo, repo_type="space"):
        _change(plan, api, wanted)
    else:
        api.create_repo(
            plan.repo, repo_type="space", private=plan.private, space_sdk="gradio", **wanted
        )
    api.upload_folder(
        repo_id=plan.repo,
        repo_type="space",
        folder_path=ROOT,
        allow_patterns=[path.relative_to(ROOT).as_posix() for path in plan.files],
        delete_patterns=["ganapp/**", "checkpoints/**"],
        commit_message="Deploy ganapp",
    )
    return f"{api.endpoint}/spaces/{plan.repo}"


def _change(plan: Plan, api: HfApi, wanted: dict[str, Any]) -> None:
    """Gives a Space that exists already the hardware, storage and variables of the plan."""
    api.request_space_hardware(plan.repo, wanted["space_hardware"])
    for name, value in plan.variables.items():
        api.add_space_variable(plan.repo, name, value)
    if wanted["space_volumes"]:
        api.set_space_volumes(plan.repo, wanted["space_volumes"])


def _kept(bucket: str) -> str:
    return f"in the bucket {bucket}" if bucket else "gone when the Space restarts (no --bucket)"


def _listed(variables: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in variables.items())

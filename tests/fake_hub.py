"""A Hugging Face Hub small enough for a test: it takes a commit of files sent inline or by way of
its large file storage, and serves them again; it makes Spaces and buckets. On the loopback
interface.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from huggingface_hub import constants

TOKEN = "hf_visitorsOwnSecretToken0123456789"
AMBIENT = "hf_theMachinesOwnToken9876543210"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Request(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class FakeHub:
    """`token` may write, `repos` holds what was committed, `datasets` the Parquet files of each,
    `spaces` what each Space was made with and was given since, `buckets` their names, `asked` every
    request; `answer` makes it fail with that status.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self.repos: dict[str, dict[str, bytes]] = {}
        self.datasets: dict[str, dict[str, bytes]] = {}
        self.spaces: dict[str, dict[str, Any]] = {}
        self.buckets: list[str] = []
        self.asked: list[Request] = []
        self.answer = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Request(
                    self.command,
                    unquote(urlsplit(self.path).path),
                    {k.lower(): v for k, v in self.headers.items()},
                    body,
                )
                outer.asked.append(asked)
                status, headers, content = (
                    (outer.answer, {}, b"{}") if outer.answer else outer.respond(asked)
                )
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_HEAD = do_POST = handle_any

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stops serving."""
        self.http.shutdown()
        self.http.server_close()

    def respond(self, asked: Request) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        parts = asked.path.strip("/").split("/")
        if "datasets" in parts[:2]:
            return self._dataset(asked, parts[parts.index("datasets") + 1 :])
        if "resolve" in parts:
            return self._file("/".join(parts[:2]), "/".join(parts[4:]))
        if asked.path == "/api/validate-yaml":
            return _json({"errors": [], "warnings": []})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {"X-Error-Message": "Invalid credentials in Authorization header"}, b"{}"
        if asked.path == "/api/whoami-v2":
            return _json({"name": "someone", "type": "user"})
        if asked.path == "/api/repos/create":
            wanted = json.loads(asked.body)
            repo = f"{wanted.get('organization') or 'someone'}/{wanted['name']}"
            if repo in self.repos:
                return 409, {}, json.dumps({"url": f"{self.url}/{repo}"}).encode()
            self.repos[repo] = {}
            kind = ""
            if wanted.get("type") == "space":
                self.spaces[repo], kind = wanted, "spaces/"
            return _json({"url": f"{self.url}/{kind}{repo}"})
        if parts[:2] == ["api", "buckets"]:
            self.buckets.append("/".join(parts[2:4]))
            return _json({"url": f"{self.url}/buckets/{self.buckets[-1]}"})
        repo = "/".join(parts[2:4])
        if parts[:2] == ["api", "models"] and repo in self.repos:
            return self._write(repo, parts[4], asked.body)
        if parts[:2] == ["api", "spaces"] and repo in self.spaces:
            return self._space(repo, asked, parts)
        return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"

    def _space(
        self, repo: str, asked: Request, parts: list[str]
    ) -> tuple[int, dict[str, str], bytes]:
        what = parts[4] if len(parts) > 4 else ""
        if what in ("hardware", "variables", "volumes"):
            self.spaces[repo].setdefault("changes", []).append((what, json.loads(asked.body)))
            runtime: dict[str, Any] = {
                "stage": "RUNNING",
                "hardware": {},
                "storage": None,
                "gcTimeout": None,
            }
            return _json({} if what == "variables" else runtime)
        if what == "tree":
            return _json([_entry(path, data) for path, data in self.repos[repo].items()])
        return self._write(repo, what, asked.body)

    def _dataset(self, asked: Request, parts: list[str]) -> tuple[int, dict[str, str], bytes]:
        """A data set's entry, the list of its Parquet files, or a part of one of them."""
        repo = "/".join(parts[:2])
        if repo not in self.datasets:
            return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"
        files = {path: _entry(path, content) for path, content in self.datasets[repo].items()}
        what, rest = (
            (parts[2], "/".join(parts[6 if parts[3:4] == ["refs"] else 4 :]))
            if len(parts) > 2
            else ("", "")
        )
        if what == "tree":
            return _json([entry for path, entry in files.items() if path.startswith(rest)])
        if what == "paths-info":
            return _json(
                [files[path] for path in parse_qs(asked.body.decode())["paths"] if path in files]
            )
        if what == "resolve":
            content = self.datasets[repo][rest]
            first, last = (
                int(number) for number in asked.headers["range"].removeprefix("bytes=").split("-")
            )
            return (
                206,
                {"Content-Range": f"bytes {first}-{last}/{len(content)}"},
                content[first : last + 1],
            )
        return _json({"id": repo, "sha": COMMIT, "private": False})

    def _write(self, repo: str, what: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if what == "preupload":
            names = [file["path"] for file in json.loads(body)["files"]]
            return _json(
                {
                    "files": [
                        {"path": name, "uploadMode": "regular", "shouldIgnore": False}
                        for name in names
                    ]
                }
            )
        if what == "commit":
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "deletedFile":
                    del self.repos[repo][line["value"]["path"]]
                if line["key"] == "file":
                    self.repos[repo][line["value"]["path"]] = base64.b64decode(
                        line["value"]["content"]
                    )
            return _json(
                {
                    "success": True,
                    "commitOid": COMMIT,
                    "commitUrl": f"{self.url}/{repo}/commit/{COMMIT}",
                }
            )
        return _json(
            {
                "id": repo,
                "sha": COMMIT,
                "private": False,
                "siblings": [{"rfilename": name} for name in self.repos[repo]],
            }
        )

    def _file(self, repo: str, name: str) -> tuple[int, dict[str, str], bytes]:
        if repo not in self.repos:
            return 404, {"X-Error-Code": "RepoNotFound"}, b""
        if name not in self.repos[repo]:
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b""
        content = self.repos[repo][name]
        return (
            200,
            {"X-Repo-Commit": COMMIT, "ETag": f'"{hashlib.sha256(content).hexdigest()}"'},
            content,
        )


def _entry(path: str, content: bytes) -> dict[str, Any]:
    return {
        "type": "file",
        "path": path,
        "size": len(content),
        "oid": hashlib.sha1(content).hexdigest(),
    }


def _json(value: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def point_to(url: str, patch: pytest.MonkeyPatch) -> None:
    """Makes huggingface_hub ask there."""
    patch.setattr(constants, "ENDPOINT", url)
    patch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}"
    )


def unreachable() -> str:
    """An address where nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"

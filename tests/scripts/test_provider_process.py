"""The real provider's calls pass through as they are; of its schema, what is needed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import psutil
import pytest

from scripts import paths
from scripts.terragrunt import provider, reattach
from scripts.terragrunt.provider_schema import cut

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.terragrunt.provider import SharedProvider

SCHEMA = "/tfplugin5.Provider/GetSchema"
PREPARE = "/tfplugin5.Provider/PrepareProviderConfig"
TYPES = {"aws_xray_group", "aws_iam_policy_document"}
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.default_authority", "localhost")]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedProvider]:
    """A shared provider of a checkout that is these tests' alone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(paths.LOCAL_VARIABLE, str(tmp_path_factory.mktemp("local")))
        with provider.started({"PATH": os.environ["PATH"]}) as process:
            assert process is not None, "there is no unpacked provider: run `make tools`"
            yield process


def _address(shared: SharedProvider) -> str:
    [known] = json.loads(shared.variables()[reattach.VARIABLE]).values()
    assert known["Addr"]["Network"] == "unix"
    return str(known["Addr"]["String"])


def _ask(socket: str, method: str, message: bytes = b"") -> bytes:
    with grpc.insecure_channel(f"unix:{socket}", options=_OPTIONS) as channel:
        ask: Any = channel.unary_unary(method)  # its stubs know no messages of plain bytes
        answer: bytes = ask(message)
        return answer


def test_the_schema_has_what_is_asked_for(shared: SharedProvider) -> None:
    """Cut for the types of the run that comes; whole without any, and then as the provider says it."""
    socket = _address(shared)
    whole = _ask(socket, SCHEMA)
    shared.variables(TYPES)
    assert _ask(socket, SCHEMA) == cut(whole, TYPES)
    shared.variables({"aws_sqs_queue"})
    other = _ask(socket, SCHEMA)
    assert b"aws_sqs_queue" in other
    assert b"aws_xray_group" not in other
    shared.variables()
    assert _ask(socket, SCHEMA) == whole
    assert len(cut(whole, TYPES)) < len(whole) / 50


def test_other_calls_are_the_providers(shared: SharedProvider) -> None:
    """An answer as it is, an error with its code and words."""
    socket = _address(shared)
    [own] = [str(path) for path in Path(socket).parent.iterdir() if path.is_socket() and str(path) != socket]
    # DynamicValue as JSON: a configuration of the provider without any value
    configured = b"\x0a\x04\x12\x02{}"
    assert _ask(socket, PREPARE, configured) == _ask(own, PREPARE, configured) != b""
    assert _ask(socket, PREPARE, configured) == _ask(own, PREPARE, configured)
    wrong = b"\x0a\x04\x12\x02[]"
    assert _ask(socket, PREPARE, wrong) == _ask(own, PREPARE, wrong) != _ask(own, PREPARE, configured)
    for where in (socket, own):
        with pytest.raises(grpc.RpcError) as caught:
            _ask(where, "/tfplugin5.Provider/NoSuchCall")
        assert isinstance(caught.value, grpc.Call)
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
        assert caught.value.details() == "unknown method NoSuchCall for service tfplugin5.Provider"


def test_it_ends_with_the_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where that dies, Terraform learns it at once, as it would of the provider itself."""
    monkeypatch.setenv(paths.LOCAL_VARIABLE, str(tmp_path))
    with provider.started({"PATH": os.environ["PATH"]}) as process:
        assert process is not None
        socket = _address(process)
        [note] = provider.folder().glob("*.json")
        passing = psutil.Process(int(json.loads(note.read_text())["pid"]))
        [real] = passing.children()
        real.kill()
        psutil.wait_procs([passing], timeout=30)
        assert not passing.is_running() or passing.status() == psutil.STATUS_ZOMBIE
        with pytest.raises(grpc.RpcError):
            _ask(socket, SCHEMA)

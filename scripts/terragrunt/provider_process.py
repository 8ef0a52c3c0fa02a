"""The AWS provider for many Terraform processes: ``python -m scripts.terragrunt.provider_process <binary>``.

It starts the provider in debug mode and passes every gRPC call on to it as it stands, but for two. Of the
schema, for which each Terraform asks first, each gets the part that it needs (``provider_schema``). And what
is found in the provider's block is asked for once, as it is the same for all. Like the provider it says on
standard output, as ``TF_REATTACH_PROVIDERS``, where Terraform reaches it. At the first SIGINT or SIGTERM it
ends the provider, and it ends with that.

The types that are needed stand in the file ``TYPES_FILE`` of the sockets' folder, a name a line; without the
file the schema is passed on whole.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from scripts.terragrunt import provider_schema
from scripts.terragrunt.reattach import ADDRESS, FOLDER_VARIABLE, TYPES_FILE, VARIABLE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    Context = grpc.aio.ServicerContext[bytes, bytes]

_SOCKET = "shared"
_READ_BYTES = 65_536
_SCHEMA_METHODS = {5: "/tfplugin5.Provider/GetSchema", 6: "/tfplugin6.Provider/GetProviderSchema"}
_PURE_METHODS = {"/tfplugin5.Provider/PrepareProviderConfig", "/tfplugin6.Provider/ValidateProviderConfig"}
"""Of the same configuration they say the same, and each Terraform asks two or three times, 80 ms each."""
_REQUEST_STREAMS = {"/plugin.GRPCBroker/StartStream", "/tfplugin6.Provider/WriteStateBytes"}
"""All other calls have one message (go-plugin's and Terraform's .proto files)."""
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_OWN_METADATA = ("user-agent", "grpc-")


class PassedOn(grpc.GenericRpcHandler):
    """Passes calls on to the provider at *address* (in gRPC's syntax); *folder* has the file of types."""

    def __init__(self, address: str, folder: Path) -> None:
        # gRPC would send the socket's path as authority, which Go's server refuses.
        options = [*_OPTIONS, ("grpc.default_authority", "localhost")]
        self._channel = grpc.aio.insecure_channel(address, options=options)
        self._types = folder / TYPES_FILE
        self._kept: dict[tuple[str, bytes], bytes] = {}
        self._asking = asyncio.Lock()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
        """Return what answers a call: as streams of messages, which a call of one message each is too."""
        method = handler_call_details.method

        async def handle(requests: AsyncIterator[bytes], context: Context) -> AsyncIterator[bytes]:
            given = context.invocation_metadata() or ()
            metadata = [pair for pair in given if not pair[0].startswith(_OWN_METADATA)]
            try:
                if method in _REQUEST_STREAMS:
                    answers = self._called(self._channel.stream_stream(method), requests, metadata)
                else:
                    async for request in requests:
                        answers = self._answers(method, request, metadata)
                        break
                    else:
                        return
                async for message in answers:
                    yield message
            except grpc.aio.AioRpcError as error:
                await context.abort(error.code(), error.details() or "")

        return grpc.stream_stream_rpc_method_handler(handle)

    async def get_ready(self, protocol: int) -> None:
        """Ask for the schema of *protocol*, 5 or 6, before Terraform does."""
        method = _SCHEMA_METHODS.get(protocol)
        with suppress(grpc.aio.AioRpcError):  # which Terraform then gets to its own question
            if method is not None:
                await self._answer(method, b"")

    async def close(self) -> None:
        """Close the connection to the provider."""
        await self._channel.close()

    async def _answers(
        self, method: str, message: bytes, metadata: Sequence[tuple[str, str | bytes]]
    ) -> AsyncIterator[bytes]:
        if method in _SCHEMA_METHODS.values():
            yield self._cut(await self._answer(method, message, metadata))
        elif method in _PURE_METHODS:
            yield await self._answer(method, message, metadata)
        else:
            async for answer in self._called(self._channel.unary_stream(method), message, metadata):
                yield answer

    async def _answer(
        self, method: str, message: bytes, metadata: Sequence[tuple[str, str | bytes]] = ()
    ) -> bytes:
        """Return the one answer to *message*, which is asked for once."""
        async with self._asking:
            if (method, message) not in self._kept:
                answers = self._called(self._channel.unary_stream(method), message, metadata)
                self._kept[method, message] = b"".join([answer async for answer in answers])
        return self._kept[method, message]

    async def _called(
        self,
        multi_callable: Any,  # its stubs know no messages of plain bytes
        message: AsyncIterator[bytes] | bytes,
        metadata: Sequence[tuple[str, str | bytes]],
    ) -> AsyncIterator[bytes]:
        call = multi_callable(message, metadata=metadata)
        try:
            async for answer in call:
                yield answer
        finally:
            call.cancel()  # as Terraform did; one that has ended stays as it ended

    def _cut(self, schema: bytes) -> bytes:
        try:
            return provider_schema.cut(schema, set(self._types.read_text().split()))
        except (FileNotFoundError, ValueError):  # nobody says what is needed, or it is no answer known here
            return schema


async def serve(binary: str) -> int:
    """Start the provider *binary*, pass calls on until it ends, and return its exit code."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    provider = await asyncio.create_subprocess_exec(binary, "-debug", stdout=asyncio.subprocess.PIPE)
    ending = asyncio.create_task(_end(provider, told))
    assert provider.stdout is not None  # noqa: S101 - as asked for above
    try:
        async for line in provider.stdout:
            match = ADDRESS.search(line.decode("utf-8", errors="replace"))
            if match:
                await _pass_on(json.loads(match[1]), provider.stdout)
        return await provider.wait()
    finally:
        ending.cancel()
        if provider.returncode is None:  # it would outlive whoever knows of it
            with suppress(ProcessLookupError):
                provider.kill()
            await provider.wait()


async def _pass_on(said: dict[str, dict[str, Any]], provider_output: asyncio.StreamReader) -> None:
    """Serve the one provider that it said, until its output ends."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    [(source, known)] = said.items()
    own = {**known, "Pid": os.getpid(), "Addr": {"Network": "unix", "String": str(folder / _SOCKET)}}
    handler = PassedOn(f"unix:{known['Addr']['String']}", folder)
    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers((handler,))
    server.add_insecure_port(f"unix:{folder / _SOCKET}")
    await server.start()
    print(f"{VARIABLE}='{json.dumps({source: own})}'", flush=True)  # noqa: T201 - for the owner
    await handler.get_ready(known["ProtocolVersion"])
    while await provider_output.read(_READ_BYTES):
        pass
    await server.stop(None)
    await handler.close()


async def _end(provider: asyncio.subprocess.Process, told: asyncio.Event) -> None:
    await told.wait()
    with suppress(ProcessLookupError):
        provider.send_signal(signal.SIGINT)


if __name__ == "__main__":
    sys.exit(asyncio.run(serve(sys.argv[1])))

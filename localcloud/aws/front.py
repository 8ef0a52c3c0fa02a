"""The AWS port: X-Ray answered here, every other service by moto."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from localcloud.aws import moto_settings  # noqa: F401 - before moto
from localcloud.aws.accounts import account_of
from localcloud.aws.asgi import (
    Application,
    BodyTooLargeError,
    ClientGoneError,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    read_body,
    spool_body,
)
from localcloud.aws.authorisation import check_call, check_token
from localcloud.aws.calls import Call
from localcloud.aws.control import PREFIX, control
from localcloud.aws.json_requests import check_json
from localcloud.aws.moto_service import MotoService
from localcloud.aws.query_requests import check_query
from localcloud.aws.refusals import Kind, Refusal, refuse
from localcloud.aws.s3_requests import check_s3
from localcloud.aws.services import ServiceCall, identify
from localcloud.aws.signature import CredentialScope, MalformedSignatureError, credential_scope
from localcloud.aws.state import AwsState
from localcloud.aws.wsgi import environ_of
from localcloud.aws.xray import endpoint as xray
from localcloud.aws.xray.intake import Intake
from localcloud.aws.xray.responses import find_backend

MOTO_THREADS = 8
XRAY_READERS = 4
MOTO_BODY_MAX_BYTES = 256 * 1024 * 1024
OPERATION_BODY_MAX_BYTES = 1024 * 1024
XRAY = "xray"

log = logging.getLogger(__name__)


def create_application(state: AwsState) -> Application:
    """Return the ASGI application of the AWS port."""
    return _Front(state)


class _Front:
    def __init__(self, state: AwsState) -> None:
        self._state = state
        self._moto = MotoService()
        self._threads = ThreadPoolExecutor(MOTO_THREADS, thread_name_prefix="moto")
        self._readers = ThreadPoolExecutor(XRAY_READERS, thread_name_prefix="xray-reader")
        self._intake = Intake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the AWS port speaks HTTP, not {scope['type']}")
        request = Request(scope)
        try:
            if request.path.startswith(PREFIX):
                response = await control(self._state, request, receive)
            else:
                response = await self._answer(request, receive)
        except ClientGoneError:
            return
        except BodyTooLargeError:
            response = Response(413)
        await response.send(send)

    async def _answer(self, request: Request, receive: Receive) -> Response:
        try:
            signed = credential_scope(request)
        except MalformedSignatureError as error:
            call = ServiceCall("", "", "rest-json")
            return refuse(call, Refusal(Kind.MALFORMED_SIGNATURE, str(error)))
        if signed is not None and signed.service == XRAY:
            return await self._answer_xray(request, receive, signed)
        if signed is None and xray.find_operation(request) is not None:
            # No bucket has a name with capitals, so that this can only be meant for X-Ray.
            refusal = Refusal(Kind.UNSIGNED, "Missing Authentication Token")
            return refuse(ServiceCall(XRAY, "", "rest-json"), refusal)
        return await self._answer_moto(request, receive, signed)

    async def _answer_xray(self, request: Request, receive: Receive, signed: CredentialScope) -> Response:
        operation = xray.find_operation(request)
        name = operation.name if operation else f"{request.method} {request.path[:200]}"
        call = ServiceCall(XRAY, operation.name if operation else "", "rest-json")
        max_bytes = xray.body_max_bytes(operation)
        try:
            body = await read_body(receive, max_bytes)
        except BodyTooLargeError:
            limit = f"The request is longer than {max_bytes} bytes"
            response = refuse(call, Refusal(Kind.TOO_LARGE, limit))
        else:
            response = await self._checked_xray(operation, call, body, signed)
        self._state.calls.add(Call(XRAY, name, signed.access_key, response.status))
        return response

    async def _checked_xray(
        self, operation: xray.Operation | None, call: ServiceCall, body: bytes, signed: CredentialScope
    ) -> Response:
        try:
            refusal = check_token(signed)
            if refusal is None and self._state.authorise:
                refusal = check_call(signed, xray.with_parameters(operation, call, body))
            if refusal is not None:
                return refuse(call, refusal)
            account_id = account_of(signed.access_key)
            # made here where it is the first use of it, so that no two threads make it
            backend = find_backend(account_id, signed.region)
            if call.operation in xray.READING_TRACES:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(
                    self._readers, xray.answer, operation, body, account_id, signed.region
                )
            if call.operation == xray.PUT_TRACE_SEGMENTS:
                reason = await self._intake.refusal(backend.traces)
                if reason is not None:
                    return xray.throttled(reason)
            response = xray.answer(operation, body, account_id, signed.region)
            if call.operation == xray.PUT_TRACE_SEGMENTS:
                await self._intake.taken(backend.traces)
        except xray.UnknownRegionError:
            message = f"Credential should be scoped to a valid region, not '{signed.region[:50]}'."
            return refuse(call, Refusal(Kind.UNKNOWN_REGION, message))
        except Exception:
            log.exception("xray:%s failed", call.operation or "?")
            return refuse(call, Refusal(Kind.INTERNAL, "The local cloud failed; its log says why"))
        return response

    async def _answer_moto(
        self, request: Request, receive: Receive, signed: CredentialScope | None
    ) -> Response:
        service = signed.service if signed else ""
        try:
            body, size = await spool_body(receive, MOTO_BODY_MAX_BYTES)
        except BodyTooLargeError:
            limit = f"The request is longer than {MOTO_BODY_MAX_BYTES} bytes"
            call = ServiceCall(service, "", "rest-json")
            return refuse(call, Refusal(Kind.TOO_LARGE, limit))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._checked_moto, request, body, size, signed)

    def _checked_moto(
        self, request: Request, body: IO[bytes], size: int, signed: CredentialScope | None
    ) -> Response:
        """Answer in a thread of the pool; closes the body."""
        with body:
            environ = environ_of(request, body, size)
            start = body.read(OPERATION_BODY_MAX_BYTES)
            body.seek(0)
            call = identify(signed.service if signed else "", environ, start)
            refusal = check_token(signed)
            if refusal is None and self._state.authorise:
                refusal = check_call(signed, call)
            if refusal is None and size == len(start):
                refusal = check_json(call, start) or check_query(call) or check_s3(call, request.query, start)
            response = refuse(call, refusal) if refusal else self._moto.answer(call, environ)
        name = call.operation or f"{request.method} {request.path[:200]}"
        access_key = signed.access_key if signed else ""
        self._state.calls.add(Call(call.service, name, access_key, response.status))
        return response

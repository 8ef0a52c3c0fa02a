"""Every service but X-Ray: moto's server, called in this process."""

import logging
import threading
from typing import Any

from botocore.model import OperationNotFoundError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from localcloud.aws.asgi import Response
from localcloud.aws.moto_patches import apply_patches
from localcloud.aws.refusals import Kind, Refusal, refuse
from localcloud.aws.services import ServiceCall
from localcloud.aws.wsgi import call as call_wsgi

LOCKS = 64
"""More than there are services in use: two that share one wait for each other."""

log = logging.getLogger(__name__)


class MotoService:
    """Answers calls with moto; safe to use from several threads.

    moto's own models aren't: a service answers one call at a time.
    """

    def __init__(self) -> None:
        apply_patches()
        self._locks = tuple(threading.Lock() for _ in range(LOCKS))
        self._application = DomainDispatcherApplication(create_backend_app)

    def answer(self, call: ServiceCall, environ: dict[str, Any]) -> Response:
        """Return moto's answer; where moto fails, the failure is logged and told in the service's protocol.

        What moto hasn't got is answered with 501: unlike 500, no SDK tries that again for minutes.
        """
        name = f"{call.service or 'unsigned'}:{call.operation or environ['PATH_INFO']}"
        try:
            with self._locks[hash(call.service) % LOCKS]:
                response = call_wsgi(self._application, environ)
        except NotImplementedError as error:
            log.error("%s isn't available: %s", name, error)  # noqa: TRY400 - the trace says nothing more
            refusal = Refusal(Kind.NOT_IMPLEMENTED, f"The local cloud has no {name}: {error}")
            return refuse(call, refusal)
        except OperationNotFoundError:
            message = f"Could not find operation {call.operation} of {call.service}"
            return refuse(call, Refusal(Kind.UNKNOWN_OPERATION, message))
        except Exception:
            log.exception("%s failed in moto", name)
            return refuse(call, Refusal(Kind.INTERNAL, f"{name} failed in moto; the log says why"))
        if response.status >= 500:
            log.error("%s was answered with %d by moto", name, response.status)
        return response

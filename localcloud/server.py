"""Puts the parts of the local cloud together: one process, one event loop, three addresses."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Callable

from localcloud.addresses import Addresses
from localcloud.aws.front import create_application as create_aws_application
from localcloud.aws.state import AwsState
from localcloud.aws.xray.store.shared import close_shared, open_shared
from localcloud.config import Config
from localcloud.daemon import create_daemon
from localcloud.daemon.errors import PortsUnavailableError
from localcloud.errors import AddressInUseError
from localcloud.honeycomb import create_application as create_honeycomb_application
from localcloud.keys import load_key
from localcloud.ports import HttpPort, bind

GARBAGE_THRESHOLD = 50_000

log = logging.getLogger(__name__)


async def serve(config: Config, announce: Callable[[Addresses], None]) -> None:
    """Run until SIGTERM or SIGINT; `announce` is called once every port answers.

    Raises:
        LocalCloudError: why it can't be started, in one line.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    honeycomb_key = load_key(config.honeycomb_key_file)
    state = AwsState(authorise=config.authorise)
    async with contextlib.AsyncExitStack() as stack:
        open_shared(config.data)
        stack.callback(close_shared)
        aws_socket = stack.enter_context(bind(config.host, config.aws_port, "--aws-port"))
        honeycomb_socket = stack.enter_context(bind(config.host, config.honeycomb_port, "--honeycomb-port"))
        aws = HttpPort(aws_socket, create_aws_application(state))
        honeycomb_application = create_honeycomb_application(honeycomb_key, data=config.data)
        stack.callback(honeycomb_application.close)
        honeycomb = HttpPort(honeycomb_socket, honeycomb_application)
        for port in (aws, honeycomb):
            port.start()
            stack.push_async_callback(port.stop)
        addresses = Addresses(config.host, aws.port, 0, honeycomb.port)
        daemon = create_daemon(
            host=config.host, port=config.daemon_port, aws_endpoint_url=addresses.aws_endpoint_url
        )
        state.daemon_counters = daemon.counters
        try:
            await daemon.start()
        except PortsUnavailableError as error:
            raise AddressInUseError(f"{error}; leave --daemon-port out for a free port") from error
        # The daemon stops first: what it still holds goes on to the AWS port.
        stack.push_async_callback(daemon.stop)
        _keep_what_is_there()
        stack.callback(gc.unfreeze)
        announce(Addresses(config.host, aws.port, daemon.port, honeycomb.port))
        await stopped.wait()
        log.info("stopping")


def _keep_what_is_there() -> None:
    """Let the garbage collector look no more at what the start made, nor after every few objects.

    moto and the service models are objects by the hundred thousand that stay; walking them again and again
    takes as long as the requests themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)

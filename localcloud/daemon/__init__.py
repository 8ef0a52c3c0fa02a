"""The X-Ray daemon's two ports: segments over UDP in, a signing proxy over TCP.

What the daemon does is described in the X-Ray developer guide ("AWS X-Ray daemon") and fixed by its
source, aws/aws-xray-daemon. Everything it receives goes on to one AWS endpoint, signed.
"""

from localcloud.daemon.daemon import Daemon, create_daemon

__all__ = ["Daemon", "create_daemon"]

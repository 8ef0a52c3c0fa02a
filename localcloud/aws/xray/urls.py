"""Where X-Ray's operations are, taken from its API model."""

from localcloud.aws.xray.operations import OPERATIONS
from localcloud.aws.xray.responses import XRayResponse

url_bases = [r"https?://xray\.(.+)\.amazonaws.com"]

url_paths = {f"{{0}}{path}$": XRayResponse.dispatch for path in OPERATIONS}

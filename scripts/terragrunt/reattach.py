"""Terraform's reattach mechanism: a provider that runs already, told to Terraform by a variable.

https://developer.hashicorp.com/terraform/plugin/debugging#running-terraform-with-a-provider-in-debug-mode
"""

from __future__ import annotations

import re

VARIABLE = "TF_REATTACH_PROVIDERS"
ADDRESS = re.compile(VARIABLE + r"='(.*)'")
"""A line of a provider in debug mode; the group is JSON, by the provider's source."""
FOLDER_VARIABLE = "PLUGIN_UNIX_SOCKET_DIR"
"""Where a provider makes its socket (hashicorp/go-plugin, constants.go)."""
TYPES_FILE = "types"
"""In that folder: the types that the schema is cut to, a name a line (``provider_process``)."""

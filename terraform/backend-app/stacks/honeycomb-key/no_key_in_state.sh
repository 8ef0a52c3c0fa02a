#!/bin/sh
# Runs before Terraform reads the parameter. The provider leaves the key out of the state only where has_value_wo is
# true; after an import or a first write that was cut short it is not, and the next refresh would store the key readable.
set -eu

if [ "$TG_CTX_COMMAND" = import ]; then
  echo "honeycomb-key: import would store the key readable in the state. No import is needed: apply with HONEYCOMB_API_KEY takes over a parameter that exists." >&2
  exit 1
fi

state=$("${TG_CTX_TF_PATH:-terraform}" state pull)
case $state in
  *'"has_value_wo": true'*) exit 0 ;; # as it should be
  *'"has_value_wo":'*) ;;
  *) exit 0 ;; # nothing there
esac

if [ "$TG_CTX_COMMAND" = apply ] && [ -n "${TF_VAR_honeycomb_api_key:-}" ]; then
  echo "honeycomb-key: the first write of the key was cut short; it is written once more." >&2
  exec "${TG_CTX_TF_PATH:-terraform}" state rm aws_ssm_parameter.this >&2
fi
echo "honeycomb-key: the key was imported, or its first write was cut short. Reading it now would store it readable in state and plan: apply first, with HONEYCOMB_API_KEY (it is written once more)." >&2
exit 1

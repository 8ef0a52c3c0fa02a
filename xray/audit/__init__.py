"""What a group and sampling rules will do to the requests of one backend, without asking X-Ray. No I/O.

Findings are typed; whoever reports them says what is expected and what to do.
"""

from xray.audit.deciding import Route, Sender, decide, deciders, left_to_default, unmatched
from xray.audit.effect import GroupEffect, group_effect, is_of_others, service_names
from xray.audit.names import near
from xray.audit.rules import Ignored, Shadowed, ignored, meet, of_others, rivals, shadowed, ties
from xray.audit.samples import sample_documents, sample_traces, traces_of

__all__ = [
    "GroupEffect",
    "Ignored",
    "Route",
    "Sender",
    "Shadowed",
    "decide",
    "deciders",
    "group_effect",
    "ignored",
    "is_of_others",
    "left_to_default",
    "meet",
    "near",
    "of_others",
    "rivals",
    "sample_documents",
    "sample_traces",
    "service_names",
    "shadowed",
    "ties",
    "traces_of",
    "unmatched",
]

"""A whole trace: what its documents say of it, ready to be summarised, filtered and drawn."""

from xray.traces.derivation import derive
from xray.traces.facts import TraceFacts
from xray.traces.inferring import inferred_documents
from xray.traces.summary import summarise

__all__ = ["TraceFacts", "derive", "inferred_documents", "summarise"]

"""The parity ledger: what X-Ray and Honeycomb have of the same spans, read apart and set side by side.

`document_facts` and `event_facts` each read one sink's form by the documented mapping, without the backend's
translator; `ledger` compares what they say, `expected` with what `mixed` states of each request, `accounting`
what arrived with what was recorded. The rest makes a run: `cloud`, `backend`, `application`, `traffic`,
`collect`, `run`, `report`; `stored` reads another one.
"""

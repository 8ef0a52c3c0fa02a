"""The queries of ``queries/``: read, run at Honeycomb or X-Ray, drawn in a terminal, put on a board.

``files`` reads them, ``running`` and ``filters`` ask, ``result`` is what Honeycomb answered, ``drawing``
shows it; ``board`` puts Honeycomb's on a board there.
"""

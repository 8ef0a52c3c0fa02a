"""Taking over what was made by hand: read, chosen, written as inputs and import blocks, planned.

``reading`` asks AWS, ``held`` the states; ``choosing``, ``refusing`` and ``settings`` decide without either;
``files`` writes and takes back; ``planned`` reads what Terraform would do.
"""

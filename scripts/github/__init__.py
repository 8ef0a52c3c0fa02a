"""A client of GitHub's REST API, for one comment on a pull request and one issue.

Source: docs.github.com, REST API: issues, issue comments, users; API version 2022-11-28.
"""

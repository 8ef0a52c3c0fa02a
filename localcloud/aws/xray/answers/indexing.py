"""Indexing rules.

Source: the X-Ray API; a method's name is the operation's.
"""

from localcloud.aws.xray.answers.base import Answers, Parameters, Result, refuse_next_token


class IndexingAnswers(Answers):
    """GetIndexingRules and UpdateIndexingRule."""

    def get_indexing_rules(self, parameters: Parameters) -> Result:
        """Return every indexing rule."""
        refuse_next_token(parameters)
        return {"IndexingRules": self._backend.indexing.all()}

    def update_indexing_rule(self, parameters: Parameters) -> Result:
        """Change the percentage that is indexed."""
        return {"IndexingRule": self._backend.indexing.update(parameters["Name"], parameters["Rule"])}

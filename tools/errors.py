"""Errors told apart by who must hear of them: the customer, the model, or the operator."""


class WalkioskError(Exception):
    """The base of every error this project raises on purpose."""


class CustomerError(WalkioskError):
    """Something to tell the customer; `message` names a reply message, `facts` fill its placeholders."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class ModelError(WalkioskError):
    """A call the model got wrong; its text tells the model how to call better."""


class OperatorError(WalkioskError):
    """Something the shop's operator must mend; its text is one plain sentence without a traceback."""


class MoneyError(OperatorError):
    """An amount that is not one, or two currencies mixed."""


class DataError(OperatorError):
    """A problem in the owner's data, with the place it stands at (file, line from 1, column name or number)."""

    def __init__(self, problem: str, file: str = "", line: int = 0, column: str = "") -> None:
        place = ":".join(part for part in (file, str(line) if line else "", column) if part)
        super().__init__(f"{place}: {problem}" if place else problem)
        self.problem, self.file, self.line, self.column = problem, file, line, column


class ModelServerError(OperatorError):
    """The language model server is missing, unreachable, too slow or gave no usable answer."""


class GraphError(OperatorError):
    """The knowledge graph is missing, damaged, or was asked for what it does not have."""


class StoreError(OperatorError):
    """The store database is missing, damaged, locked or full."""


class HardwareError(OperatorError):
    """A payment terminal or dispenser gave no answer, or one that makes no sense."""


class SpeechError(OperatorError):
    """Speech cannot be recognised or spoken: a model is missing or failed, or was asked for what it cannot do."""

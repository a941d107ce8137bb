"""What a peer can do with corrections: say that a statement answers a request for one.

Only the author of a text can: what anybody else says so is kept as the answer that it is, and stands in the thread.
"""

from __future__ import annotations

from node.context import Transaction
from node.corrections import store
from schemas.statement import Statement


def heard(tx: Transaction, statement: Statement) -> None:
    """Of a statement of another that was kept or changed: let it stand beside the text whose correction it answers."""
    about = statement.answers_correction_of
    if about is not None and about == statement.in_reply_to:
        store.hear_answer(tx, statement.id, text=about)
    else:
        store.forget_answer(tx, statement.id)

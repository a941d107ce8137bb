"""Signatories: one text that several groups sign, each by its own decision on its own node.

Words: the **text** is a statement or report that one group, its **author**, has published. It **invites** another
group; that one decides (act `sign`) and gives a **signature**: a stamp at an address of its own that says which wording
it signs (schemas.signature_authorization, after FEP-044f's stamps). The author lists its signatories in the text, each
with its stamp; the list grows, and any of them can withdraw. A signatory announces the text to its own followers.

Invariants: nobody is shown as a signatory of whom no stamp at her own server says so; a signature is of one wording,
and a text that was corrected since shows that; who has declined is not asked again; what a text says is never changed
by who signs it.

Files: `rules` (what is signed: pure), `store`, `actions` (invite, sign, decline, withdraw, and what others do of
these), `checking` (looking at stamps where they are from), `inbox`.
"""

from node.signatories import actions, checking, inbox, store

ACTS = actions.ACTS
EFFECTS = actions.EFFECTS
HANDLERS = inbox.HANDLERS
JOBS = checking.JOBS
COMPLETIONS = (actions.with_signatories,)
HEARD = (checking.heard,)
DELETIONS = (actions.be_withdrawn,)
PRUNINGS = (store.prune,)

__all__ = ["ACTS", "COMPLETIONS", "DELETIONS", "EFFECTS", "HANDLERS", "HEARD", "JOBS", "PRUNINGS"]

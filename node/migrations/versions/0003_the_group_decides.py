"""What a group needs to decide together."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _deciding()
    _members()
    _drafts()
    _results()
    _positions()
    _signatories()
    _redaction()
    _desk()


def downgrade() -> None:
    """Back to acts that one member decides."""
    _forget_desk()
    _forget_redaction()
    _forget_signatories()
    _forget_positions()
    _forget_results()
    _forget_drafts()
    _forget_members()
    _forget_deciding()


def _deciding() -> None:
    """Rules of a group, the roll of a proposal, receipts."""


def _forget_deciding() -> None: ...


def _members() -> None:
    """Invitations, second factors, mandates with a remit, several groups."""


def _forget_members() -> None: ...


def _drafts() -> None:
    """Drafts, their versions and comments."""


def _forget_drafts() -> None: ...


def _results() -> None:
    """What a statement says of how it was decided; minority reports."""


def _forget_results() -> None: ...


def _positions() -> None:
    """Positions of groups on each other's texts."""


def _forget_positions() -> None: ...


def _signatories() -> None:
    """Texts that several groups sign."""


def _forget_signatories() -> None: ...


def _redaction() -> None:
    """What was blanked."""


def _forget_redaction() -> None: ...


def _desk() -> None:
    """The language of a member, her feeds and notices."""


def _forget_desk() -> None: ...

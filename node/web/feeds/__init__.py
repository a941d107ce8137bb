"""Feeds for readers that are no server: Atom (RFC 4287) and JSON Feed 1.1, of a group, of the wire and of a hashtag.

A feed stands at the address of its page with `.atom` or `.json` behind it (FEP-a5c5), and goes on from page to page by
`next` (RFC 5005 section 3). What a group says stands in it whole, with its pictures. What others say is named with its
opening and leads to where they say it, and only if they agree to be found (FEP-5feb): their words are theirs to
publish. Of a text behind a warning a feed holds the warning. Imported reports stand in no feed, and a group's answers
to others not in its own. The feeds of the wire take its filters, and its calendar (RFC 5545) has what is announced.

What waits for a member stands in a feed of her own, at a secret address (`deadlines`).

`gathering` reads a `Feed` from the database, `atom` and `json_feed` write it: all that a reader sees is in that value.
"""

from node.web.feeds.deadlines import deadlines
from node.web.feeds.views import calendar_of_wire, group, tag, wire

__all__ = ["calendar_of_wire", "deadlines", "group", "tag", "wire"]

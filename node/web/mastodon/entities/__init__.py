"""What apps read: rows of ours as the entities of the Mastodon client API. No routes here, and nothing is written.

What is the same for everybody of a text or an account is made once and kept as bytes (`node.shelf`); what changes often
(its figures, whom it answers) and what a viewer has marked is laid over it when it is asked for. So a time line is
mostly bytes that are joined.

Nothing that Mastodon says is never null is null here: an account has a picture, if only one that we have drawn
(`web.mastodon.drawn`), a text has its counts. Of who liked or boosted something there are numbers alone.
"""

"""The Mastodon client API: what the apps of members and readers call.

`routes.MASTODON` is the one list of addresses, each with the scopes it takes; `door` asks for the token before a
handler runs; `parameters` reads what an app sends, however it sends it; `windows` are pages of lists; `answers` and
`refusals` are what goes back. `entities` turns rows into the values of Mastodon's documentation and knows no request.
Everything else is a file for each area.

Nothing here decides: a handler reads, asks a room, and shows what it answers. What an app does as a group goes through
the same acts as what is done at the desk.
"""

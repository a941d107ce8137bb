"""All HTTP, and nothing else: it imports rooms, and no room imports it.

`routes` lists every address; `activitypub` and `wellknown` speak to servers, `pages` to people, `admin` is the group's
own desk. One address answers both servers and people (`negotiation`). `refusals` is the one place where our errors
become statuses.
"""

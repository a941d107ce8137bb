"""From rows to the JSON values of Mastodon's entities: every field that an app may read is there, and none is null that
Mastodon never leaves out. No routes, no requests.
"""

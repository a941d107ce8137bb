"""The addresses of what is a viewer's own: her marks, lists, filters, places, and how she stands to accounts."""

from __future__ import annotations

from node.web.mastodon import conversations, filters, following, lists, marking, places, tags
from node.web.mastodon.door import Route, needs, open_to_all

_TEXT, _ACCOUNT = "/api/v1/statuses/{id}", "/api/v1/accounts/{id}"
_LIST, _V1, _V2 = "/api/v1/lists/{id}", "/api/v1/filters/{id}", "/api/v2/filters"

OWN: tuple[Route, ...] = (
    # ---- marks on texts
    needs("POST", f"{_TEXT}/favourite", marking.favourite, "write:favourites"),
    needs("POST", f"{_TEXT}/unfavourite", marking.unfavourite, "write:favourites"),
    needs("POST", f"{_TEXT}/bookmark", marking.bookmark, "write:bookmarks"),
    needs("POST", f"{_TEXT}/unbookmark", marking.unbookmark, "write:bookmarks"),
    needs("POST", f"{_TEXT}/mute", marking.mute, "write:mutes"),
    needs("POST", f"{_TEXT}/unmute", marking.unmute, "write:mutes"),
    needs("GET", "/api/v1/favourites", marking.favourites, "read:favourites"),
    needs("GET", "/api/v1/bookmarks", marking.bookmarks, "read:bookmarks"),
    # ---- accounts; before those with a number in their place
    needs("GET", "/api/v1/accounts/relationships", following.relations, "read:follows"),
    needs("GET", "/api/v1/accounts/familiar_followers", following.familiar_followers, "read:follows"),
    needs("POST", f"{_ACCOUNT}/follow", following.follow, "write:follows", "follow"),
    needs("POST", f"{_ACCOUNT}/unfollow", following.unfollow, "write:follows", "follow"),
    needs("POST", f"{_ACCOUNT}/remove_from_followers", following.remove_from_followers, "write:follows", "follow"),
    needs("POST", f"{_ACCOUNT}/mute", following.mute, "write:mutes", "follow"),
    needs("POST", f"{_ACCOUNT}/unmute", following.unmute, "write:mutes", "follow"),
    needs("POST", f"{_ACCOUNT}/block", following.block, "write:blocks", "follow"),
    needs("POST", f"{_ACCOUNT}/unblock", following.unblock, "write:blocks", "follow"),
    needs("POST", f"{_ACCOUNT}/note", following.note, "write:accounts"),
    needs("POST", f"{_ACCOUNT}/pin", following.pin, "write:accounts"),
    needs("POST", f"{_ACCOUNT}/unpin", following.unpin, "write:accounts"),
    needs("POST", f"{_ACCOUNT}/endorse", following.pin, "write:accounts"),
    needs("POST", f"{_ACCOUNT}/unendorse", following.unpin, "write:accounts"),
    needs("GET", f"{_ACCOUNT}/lists", following.lists_with, "read:lists"),
    needs("GET", "/api/v1/mutes", following.mutes, "read:mutes", "follow"),
    needs("GET", "/api/v1/blocks", following.blocks, "read:blocks", "follow"),
    needs("GET", "/api/v1/domain_blocks", following.domain_blocks, "read:blocks", "follow"),
    needs("GET", "/api/v1/domain_blocks/preview", following.preview_domain_block, "read:blocks", "follow"),
    needs("POST", "/api/v1/domain_blocks", following.block_domain, "write:blocks", "follow"),
    needs("DELETE", "/api/v1/domain_blocks", following.unblock_domain, "write:blocks", "follow"),
    needs("GET", "/api/v1/follow_requests", following.follow_requests, "read:follows", "follow"),
    needs("POST", "/api/v1/follow_requests/{id}/authorize", following.authorize, "write:follows", "follow"),
    needs("POST", "/api/v1/follow_requests/{id}/reject", following.reject, "write:follows", "follow"),
    # ---- hashtags
    needs("GET", "/api/v1/followed_tags", tags.followed, "read:follows"),
    open_to_all("GET", "/api/v1/tags/{name}", tags.tag),
    needs("POST", "/api/v1/tags/{name}/follow", tags.follow, "write:follows", "follow"),
    needs("POST", "/api/v1/tags/{name}/unfollow", tags.unfollow, "write:follows", "follow"),
    needs("POST", "/api/v1/tags/{name}/feature", tags.feature, "write:accounts"),
    needs("POST", "/api/v1/tags/{name}/unfeature", tags.tag, "write:accounts"),
    needs("GET", "/api/v1/featured_tags", tags.featured, "read:accounts"),
    needs("GET", "/api/v1/featured_tags/suggestions", tags.featured, "read:accounts"),
    needs("POST", "/api/v1/featured_tags", tags.feature, "write:accounts"),
    needs("DELETE", "/api/v1/featured_tags/{id}", tags.unfeature, "write:accounts"),
    # ---- lists
    needs("GET", "/api/v1/lists", lists.all_of, "read:lists"),
    needs("POST", "/api/v1/lists", lists.make, "write:lists"),
    needs("GET", _LIST, lists.one, "read:lists"),
    needs("PUT", _LIST, lists.change, "write:lists"),
    needs("DELETE", _LIST, lists.drop, "write:lists"),
    needs("GET", f"{_LIST}/accounts", lists.accounts, "read:lists"),
    needs("POST", f"{_LIST}/accounts", lists.enter, "write:lists"),
    needs("DELETE", f"{_LIST}/accounts", lists.strike, "write:lists"),
    # ---- filters
    needs("GET", _V2, filters.all_of, "read:filters"),
    needs("POST", _V2, filters.make, "write:filters"),
    needs("GET", f"{_V2}/keywords/{{id}}", filters.keyword, "read:filters"),
    needs("PUT", f"{_V2}/keywords/{{id}}", filters.change_keyword, "write:filters"),
    needs("DELETE", f"{_V2}/keywords/{{id}}", filters.drop_keyword, "write:filters"),
    needs("GET", f"{_V2}/statuses/{{id}}", filters.status, "read:filters"),
    needs("DELETE", f"{_V2}/statuses/{{id}}", filters.drop_status, "write:filters"),
    needs("GET", f"{_V2}/{{id}}", filters.one, "read:filters"),
    needs("PUT", f"{_V2}/{{id}}", filters.change, "write:filters"),
    needs("DELETE", f"{_V2}/{{id}}", filters.drop, "write:filters"),
    needs("GET", f"{_V2}/{{id}}/keywords", filters.keywords, "read:filters"),
    needs("POST", f"{_V2}/{{id}}/keywords", filters.add_keyword, "write:filters"),
    needs("GET", f"{_V2}/{{id}}/statuses", filters.statuses, "read:filters"),
    needs("POST", f"{_V2}/{{id}}/statuses", filters.add_status, "write:filters"),
    needs("GET", "/api/v1/filters", filters.all_of_v1, "read:filters"),
    needs("POST", "/api/v1/filters", filters.make_v1, "write:filters"),
    needs("GET", _V1, filters.one_v1, "read:filters"),
    needs("PUT", _V1, filters.change_v1, "write:filters"),
    needs("DELETE", _V1, filters.drop_v1, "write:filters"),
    # ---- how far she has read, and what was said to her alone
    needs("GET", "/api/v1/markers", places.markers, "read:statuses"),
    needs("POST", "/api/v1/markers", places.mark, "write:statuses"),
    needs("GET", "/api/v1/conversations", conversations.all_of, "read:statuses"),
    needs("DELETE", "/api/v1/conversations/{id}", conversations.none, "write:conversations"),
    needs("POST", "/api/v1/conversations/{id}/read", conversations.none, "write:conversations"),
    needs("POST", "/api/v1/conversations/{id}/unread", conversations.none, "write:conversations"),
)

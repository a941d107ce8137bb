"""What clients call: recorded on the wire, and read from their sources, in November 2026.

`NEEDED` is what they need to start and what their readers use, `GONE_OR_NONE` the same where there is nothing to answer
with, `RARE` what they can do without; `SENT` is what goes with it. Names in braces are filled in by the test.
"""

from __future__ import annotations

from typing import Any

NEEDED = """
POST /api/v1/apps
GET /api/v1/apps/verify_credentials
POST /oauth/token
POST /oauth/revoke
GET /.well-known/oauth-authorization-server
GET /.well-known/nodeinfo
GET /nodeinfo/2.0
GET /nodeinfo/2.1
GET /api/v1/instance
GET /api/v1/instance/
GET /api/v2/instance
GET /api/v1/accounts/verify_credentials
PATCH /api/v1/accounts/update_credentials
GET /api/v1/timelines/home
GET /api/v1/timelines/public?local=true
GET /api/v1/timelines/public?remote=true
GET /api/v1/timelines/public?only_media=1
GET /api/v1/timelines/tag/roses?any[]=bread&all[]=x&none[]=y
GET /api/v1/timelines/list/{lists}
GET /api/v1/preferences
GET /api/v1/custom_emojis
GET /api/v1/lists
POST /api/v1/lists
GET /api/v1/lists/{lists}
PUT /api/v1/lists/{lists}
GET /api/v1/lists/{lists}/accounts
POST /api/v1/lists/{lists}/accounts
DELETE /api/v1/lists/{lists}/accounts
GET /api/v1/filters
POST /api/v1/filters
GET /api/v1/filters/{keywords}
PUT /api/v1/filters/{keywords}
GET /api/v2/filters
POST /api/v2/filters
GET /api/v2/filters/{filters}
PUT /api/v2/filters/{filters}
GET /api/v2/filters/{filters}/keywords
POST /api/v2/filters/{filters}/keywords
GET /api/v2/filters/{filters}/statuses
POST /api/v2/filters/{filters}/statuses
GET /api/v2/filters/keywords/{keywords}
PUT /api/v2/filters/keywords/{keywords}
GET /api/v1/followed_tags
GET /api/v1/markers?timeline[]=home
POST /api/v1/markers
GET /api/v1/notifications
GET /api/v1/notifications?types[]=mention&exclude_types[]=follow
GET /api/v1/notifications/unread_count
POST /api/v1/notifications/clear
GET /api/v1/notifications/policy
PUT /api/v1/notifications/policy
GET /api/v1/notifications/requests
GET /api/v2/notifications
GET /api/v2/notifications/unread_count
GET /api/v2/notifications/policy
PATCH /api/v2/notifications/policy
GET /api/v1/announcements
GET /api/v1/statuses?id[]={statuses}
POST /api/v1/statuses
GET /api/v1/statuses/{statuses}
PUT /api/v1/statuses/{own}
GET /api/v1/statuses/{statuses}/context
GET /api/v1/statuses/{own}/source
GET /api/v1/statuses/{statuses}/history
GET /api/v1/statuses/{statuses}/reblogged_by
GET /api/v1/statuses/{statuses}/favourited_by
POST /api/v1/statuses/{statuses}/favourite
POST /api/v1/statuses/{statuses}/unfavourite
POST /api/v1/statuses/{statuses}/reblog
POST /api/v1/statuses/{statuses}/unreblog
POST /api/v1/statuses/{statuses}/bookmark
POST /api/v1/statuses/{statuses}/unbookmark
POST /api/v1/statuses/{statuses}/mute
POST /api/v1/statuses/{statuses}/unmute
POST /api/v1/statuses/{own}/pin
POST /api/v1/statuses/{own}/unpin
POST /api/v1/media
POST /api/v2/media
GET /api/v1/polls/{polls}
POST /api/v1/polls/{polls}/votes
GET /api/v1/accounts?id[]={accounts}
GET /api/v1/accounts/{accounts}
GET /api/v1/accounts/{accounts}/statuses?pinned=true
GET /api/v1/accounts/{accounts}/statuses?only_media=true
GET /api/v1/accounts/{accounts}/statuses?exclude_replies=true
GET /api/v1/accounts/{accounts}/statuses?exclude_reblogs=true
GET /api/v1/accounts/{accounts}/statuses?tagged=roses
GET /api/v1/accounts/{accounts}/followers
GET /api/v1/accounts/{accounts}/following
GET /api/v1/accounts/{accounts}/lists
GET /api/v1/accounts/{accounts}/featured_tags
POST /api/v1/accounts/{accounts}/follow
POST /api/v1/accounts/{accounts}/mute
POST /api/v1/accounts/{accounts}/unmute
POST /api/v1/accounts/{accounts}/block
POST /api/v1/accounts/{accounts}/unblock
POST /api/v1/accounts/{accounts}/note
POST /api/v1/accounts/{accounts}/unfollow
GET /api/v1/accounts/relationships?id={accounts}
GET /api/v1/accounts/relationships?id[]={accounts}
GET /api/v1/accounts/lookup?acct=union
GET /api/v1/accounts/search?q=union
GET /api/v1/accounts/familiar_followers?id[]={accounts}
GET /api/v1/follow_requests
GET /api/v1/blocks
GET /api/v1/mutes
GET /api/v1/domain_blocks
POST /api/v1/domain_blocks
DELETE /api/v1/domain_blocks
GET /api/v1/favourites
GET /api/v1/bookmarks
GET /api/v1/conversations
GET /api/v2/search?q=roses&type=hashtags&limit=5&offset=0&following=false
GET /api/v1/tags/roses
POST /api/v1/tags/roses/follow
POST /api/v1/tags/roses/unfollow
GET /api/v1/featured_tags
GET /api/v1/scheduled_statuses
GET /api/v1/scheduled_statuses/{scheduled_statuses}
PUT /api/v1/scheduled_statuses/{scheduled_statuses}
DELETE /api/v1/scheduled_statuses/{scheduled_statuses}
DELETE /api/v2/filters/keywords/{keywords}
DELETE /api/v2/filters/{filters}
DELETE /api/v1/lists/{lists}
DELETE /api/v1/statuses/{own}
"""
GONE_OR_NONE = """
GET /api/v1/push/subscription
GET /api/v1/notifications/7
POST /api/v1/notifications/7/dismiss
GET /api/v1/notifications/requests/7
POST /api/v1/notifications/requests/7/accept
POST /api/v1/notifications/requests/7/dismiss
GET /api/v2/notifications/favourite-7
GET /api/v2/notifications/favourite-7/accounts
GET /api/v1/media/7
PUT /api/v1/media/7
POST /api/v1/follow_requests/7/authorize
POST /api/v1/follow_requests/7/reject
DELETE /api/v1/conversations/7
POST /api/v1/conversations/7/read
DELETE /api/v1/filters/7
DELETE /api/v1/featured_tags/7
POST /api/v1/accounts
"""
"""Needed too, and here without anything to answer with: JSON that says so."""
RARE = """
GET /api/v1/trends
GET /api/v1/trends/tags
GET /api/v1/trends/statuses
GET /api/v1/trends/links
GET /api/v1/suggestions
GET /api/v2/suggestions
GET /api/v1/directory
GET /api/v1/endorsements
GET /api/v1/accounts/{accounts}/endorsements
GET /api/v1/accounts/{accounts}/collections
POST /api/v1/accounts/{accounts}/remove_from_followers
POST /api/v1/accounts/{accounts}/pin
POST /api/v1/accounts/{accounts}/unpin
POST /api/v1/statuses/{statuses}/translate
GET /api/v1/statuses/{statuses}/quotes
PUT /api/v1/statuses/{own}/interaction_policy
POST /api/v1/statuses/{own}/quotes/7/revoke
GET /api/v1/instance/rules
GET /api/v1/instance/peers
GET /api/v1/instance/activity
GET /api/v1/instance/extended_description
GET /api/v1/instance/privacy_policy
GET /api/v1/instance/terms_of_service
GET /api/v1/instance/translation_languages
GET /api/v1/instance/domain_blocks
POST /api/v1/announcements/7/dismiss
PUT /api/v1/announcements/7/reactions/x
DELETE /api/v1/announcements/7/reactions/x
GET /api/v1/profile
PUT /api/v1/profile
DELETE /api/v1/profile/avatar
DELETE /api/v1/profile/header
GET /api/v1/domain_blocks/preview?domain=spam.example
POST /api/v1/emails/confirmations
GET /api/v1/timelines/link?url=x.example
GET /api/v1/timelines/bubble
GET /api/v1/annual_reports
GET /api/v1/collections/7
POST /api/v1/collections/7/items/7/revoke
GET /api/v1_alpha/async_refreshes/7
GET /api/v1/admin/accounts
GET /oauth/userinfo
POST /api/v1/pleroma/accounts/7/subscribe
PUT /api/v1/pleroma/statuses/7/reactions/x
POST /api/v1/statuses/{statuses}/react/x
"""
SENT: dict[str, dict[str, Any]] = {
    "/api/v1/apps": {"client_name": "Tusky", "redirect_uris": "oauth2redirect://com.keylesspalace.tusky/"},
    "/oauth/token": {"grant_type": "client_credentials"},
    "/api/v1/accounts/update_credentials": {"display_name": "Transport Workers' Union"},
    "/api/v1/lists": {"title": "Millers"},
    "/api/v1/lists/{lists}": {"title": "Bakers and millers"},
    "/api/v1/lists/{lists}/accounts": {"account_ids": ["{followed}"]},
    "/api/v1/filters": {"phrase": "rain", "context": ["home"]},
    "/api/v1/filters/{keywords}": {"phrase": "snow", "context": ["home"]},
    "/api/v2/filters": {"title": "Weather", "context": ["home"], "keywords_attributes": [{"keyword": "hail"}]},
    "/api/v2/filters/{filters}": {"title": "Weather"},
    "/api/v2/filters/{filters}/keywords": {"keyword": "fog"},
    "/api/v2/filters/{filters}/statuses": {"status_id": "{statuses}"},
    "/api/v2/filters/keywords/{keywords}": {"keyword": "frost"},
    "/api/v1/markers": {"home": {"last_read_id": "{statuses}"}},
    "/api/v1/notifications/policy": {"filter_not_following": "false"},
    "/api/v2/notifications/policy": {"for_not_following": "accept"},
    "/api/v1/statuses": {"status": "What an app says."},
    "/api/v1/statuses/{own}": {"status": "What an app says now."},
    "/api/v1/polls/{polls}/votes": {"choices": ["0"]},
    "/api/v1/accounts/{accounts}/note": {"comment": "Met in May."},
    "/api/v1/domain_blocks": {"domain": "spam.example"},
    "/api/v1/scheduled_statuses/{scheduled_statuses}": {"scheduled_at": "{later}"},
}

"""How many files a node may open when it is served: each stream of an app is one, and systems give few unasked."""

from __future__ import annotations

import resource

from node.cli import nodes
from node.web.mastodon.streaming import hub

FEW = 600


def test_a_node_asks_for_more_files_and_keeps_some_for_what_is_no_stream() -> None:
    given, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, most))
    try:
        assert 0 < hub.room() < FEW
        nodes.open_more_files()
        found, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert found == (nodes.FILES if most == resource.RLIM_INFINITY else min(nodes.FILES, most))
        assert hub.room() == min(hub.OPEN_AT_MOST, int(found * hub.SHARE_OF_FILES))
        nodes.open_more_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == found, "once is enough"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (given, most))

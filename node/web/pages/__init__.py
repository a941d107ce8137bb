"""The public pages: what anybody sees who opens an address of this node in a browser.

One view for each address, each a read of the database and a template. HTML of statements was sanitised before it was
kept and is the only text that is not escaped. There is no script, no cookie, nothing from elsewhere: pictures of others
come through this node, and a film or a sound of theirs is loaded when the reader starts it, not before.
"""

from node.web.pages import conditions_pages
from node.web.pages.about_pages import about
from node.web.pages.appeal_pages import appeals
from node.web.pages.assets_served import asset
from node.web.pages.comparing_pages import compare
from node.web.pages.conditions_pages import conditions
from node.web.pages.dimension_pages import country, family, sector
from node.web.pages.figure_pages import chart, figures
from node.web.pages.front_page import front, group
from node.web.pages.merge_pages import merge
from node.web.pages.peer_pages import peers
from node.web.pages.problems import problem
from node.web.pages.search_page import page as search
from node.web.pages.struggle_pages import heard_struggle, import_collection, struggle
from node.web.pages.text_page import heard, position, report, statement
from node.web.pages.version_page import version
from node.web.pages.vocabulary_pages import code_lists, described_type, vocabulary
from node.web.pages.wire_pages import tag, wire

__all__ = [
    "about",
    "appeals",
    "asset",
    "chart",
    "code_lists",
    "compare",
    "conditions",
    "conditions_pages",
    "country",
    "described_type",
    "family",
    "figures",
    "front",
    "group",
    "heard",
    "heard_struggle",
    "import_collection",
    "merge",
    "peers",
    "position",
    "problem",
    "report",
    "search",
    "sector",
    "statement",
    "struggle",
    "tag",
    "version",
    "vocabulary",
    "wire",
]

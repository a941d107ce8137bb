"""How things travel between servers. No database, no decisions, no knowledge of what is published here.

    errors         the error tree: Malformed, Refused (Gone), Unreachable
    keys           make, read and write keys
    origin         who may speak for what: the only place that decides it
    contexts       the JSON-LD contexts that we carry; none is ever fetched
    signatures     on requests (cavage, rfc9421) and inside documents (proofs, linked_data)
    verification   the checks on an incoming request, in order
    actor_keys     from an actor document to the keys that speak for the actor
    normal_form    which documents are read by their short names as they are
    normaliser     the others in short names, by JSON-LD (json_ld) in a process that can be killed
    client         the only door to other servers; addresses, inflating and deadlines are its guards
    knocking       which signature another server takes
    media_types    what counts as an ActivityStreams document
    discovery      handles and WebFinger, host-meta, NodeInfo
    paging         serve a collection in pages, walk a remote one
    addressing     from recipients to distinct inboxes
    retrying       when to try again, or never
    handling       which function handles which activity

What it promises the node: whatever a stranger sends or serves comes out as a value that was checked, or as one of the
three errors. Whoever calls it is told the time and gives it its keys; nothing here reads a clock, a file of ours or
a setting, and nothing is remembered but open connections and which signature a host took.
"""

"""What a Commonwire node does with what travels: members, decisions, statements, reports; the database; the web.

The layers are `schemas <- federation <- node`. Inside this package:

* the **ground floor** (`context`, `database`, `intake`, `jobs`, `activities`, `objects`, `actors` ...) knows no room;
* the **rooms** (`members`, `decisions`, `peering`, `statements`, `reports`) may import the ground floor and the rooms
  before them in `rooms.ROOMS`; each fills three tables of one shape (handlers, jobs, effects), merged by `rooms`;
* `web` is all of HTTP, `cli` all of the command line; both import rooms and are imported by nobody.

`tests/test_architecture.py` holds this.
"""

VERSION = "0.1.0"

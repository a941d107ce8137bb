"""What a process to fork imports beforehand of others' software, besides what it imports of ours: see tests.nodes.forks.

A command still imports what it needs, where it needs it; it only finds it read already. All that is there is left out
of every search for garbage, which would copy the memory that a fork shares with its parent.
"""

from __future__ import annotations

import gc

import alembic.command
import alembic.runtime.environment
import babel.dates
import lxml.etree
import markdown_it
import nh3
import PIL.Image
import psycopg
import pycountry
import pyld.jsonld
import sqlalchemy.dialects.postgresql.psycopg
import yaml

READY = (alembic, babel, lxml, markdown_it, nh3, PIL, psycopg, pycountry, pyld, sqlalchemy, yaml)

gc.collect()
gc.freeze()

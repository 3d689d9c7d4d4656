"""reporting: what a programme is, and what came of it (rendicontazione): the archive, and every view."""
from __future__ import annotations

from functools import partial

import chassis.service
from chassis.declare import Declared
from reporting import access, archive, completeness, computing, generations, projector, refill, trail_search
from reporting.adapters.deadlines import DEADLINES
from reporting.adapters.http import COMMANDS
from reporting.adapters.inbound import ERASES, HEARS, REACTIONS
from reporting.adapters.kinds import KINDS
from reporting.adapters.looks import LOOKS, backdating
from reporting.adapters.outbound import SILENT, SPOKEN
from reporting.adapters.reads import routes
from reporting.adapters.words import WORDS

TABLES = (*archive.TABLES, *generations.TABLES, *refill.TABLES, *completeness.TABLES, *access.TABLES, *computing.TABLES,
          *trail_search.TABLES)
DECLARED = Declared(
    name="reporting", kinds=KINDS, spoken=SPOKEN, silent=SILENT, commands=COMMANDS, looks=LOOKS, backdating=backdating,
    hears=HEARS, reactions=REACTIONS,
    deadlines=DEADLINES, erases=ERASES, words=WORDS, routes=routes, tables=TABLES, makes_tables=True,
    only_added=("archive", "archive_about", "archive_of_no_case", "case_reading"),
    parts=lambda service: projector.Projector(service.database, archive.Archive(service.clock.now)))
build = partial(chassis.service.build, DECLARED)

"""reporting: what a programme is, and what came of it (rendicontazione): the archive, and every view."""
from __future__ import annotations

from functools import partial

import chassis.service
from chassis.declare import Declared
from reporting import access, archive, completeness, folding, projector, trail_search
from reporting.adapters.deadlines import DEADLINES
from reporting.adapters.http import COMMANDS
from reporting.adapters.inbound import HEARS, REACTIONS
from reporting.adapters.kinds import KINDS
from reporting.adapters.looks import LOOKS
from reporting.adapters.outbound import SILENT, SPOKEN
from reporting.adapters.reads import routes
from reporting.adapters.words import WORDS

TABLES = (*archive.TABLES, *folding.TABLES, *projector.TABLES, *completeness.TABLES, *access.TABLES, *trail_search.TABLES)
DECLARED = Declared(
    name="reporting", kinds=KINDS, spoken=SPOKEN, silent=SILENT, commands=COMMANDS, looks=LOOKS, hears=HEARS, reactions=REACTIONS,
    deadlines=DEADLINES, words=WORDS, routes=routes, tables=TABLES,
    parts=lambda service: projector.Projector(service.database, archive.Archive(service.clock.now)))
build = partial(chassis.service.build, DECLARED)

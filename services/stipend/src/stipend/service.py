"""Stipend: what a person is paid (indennità di partecipazione). What it is made of."""
from __future__ import annotations

from functools import partial

import chassis.service
from chassis.declare import Declared
from chassis.task import TASK
from stipend.adapters.account_readings import TABLES
from stipend.adapters.http import COMMANDS
from stipend.adapters.inbound import ERASES, HEARS, REACTIONS
from stipend.adapters.kinds import KINDS
from stipend.adapters.looks import LOOKS, backdating
from stipend.adapters.outbound import SILENT, SPOKEN
from stipend.adapters.reads import routes
from stipend.adapters.words import WORDS

DECLARED = Declared(
    name="stipend", kinds=(*KINDS, TASK), spoken=SPOKEN, silent=SILENT, commands=COMMANDS, looks=LOOKS, backdating=backdating, hears=HEARS,
    reactions=REACTIONS, erases=ERASES, words=WORDS, codes=frozenset({"programme_id", "end_to_end_id", "msg_id"}), routes=routes,
    tables=TABLES, only_added=("account_reading",),
)
build = partial(chassis.service.build, DECLARED)

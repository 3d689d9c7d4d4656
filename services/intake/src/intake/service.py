"""Intake: who enters (accoglienza e presa in carico). What it is made of."""
from __future__ import annotations

from functools import partial

import chassis.service
from chassis.declare import Declared
from intake.adapters.http import COMMANDS
from intake.adapters.inbound import HEARS
from intake.adapters.kinds import CASE, REFERRAL, SUBJECT
from intake.adapters.looks import LOOKS, backdating
from intake.adapters.outbound import ERASES, SILENT, SPOKEN
from intake.adapters.reads import TABLES, routes
from intake.adapters.words import WORDS

DECLARED = Declared(
    name="intake", kinds=(REFERRAL, SUBJECT, CASE), spoken=SPOKEN, silent=SILENT, commands=COMMANDS, looks=LOOKS, backdating=backdating,
    hears=HEARS,
    words=WORDS, erases=ERASES, tables=TABLES, only_added=("identity_reading",), routes=routes,
)
build = partial(chassis.service.build, DECLARED)

"""placement: where a person goes (soggetti ospitanti, abbinamento, formazione, tirocinio, esiti). What it is made of."""
from __future__ import annotations

from functools import partial

import chassis.service
from chassis.declare import Declared
from placement.adapters.deadlines import DEADLINES
from placement.adapters.http import COMMANDS
from placement.adapters.inbound import ERASES, HEARS, REACTIONS
from placement.adapters.kinds import KINDS
from placement.adapters.looks import LOOKS, backdating
from placement.adapters.outbound import SILENT, SPOKEN
from placement.adapters.words import WORDS

DECLARED = Declared(name="placement", kinds=KINDS, spoken=SPOKEN, silent=SILENT, commands=COMMANDS, looks=LOOKS, backdating=backdating,
                    hears=HEARS,
                    reactions=REACTIONS, deadlines=DEADLINES, erases=ERASES, words=WORDS)
build = partial(chassis.service.build, DECLARED)

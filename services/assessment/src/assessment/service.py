"""assessment: what a person needs (valutazione, profilazione, progetto personalizzato, piano d'azione)."""
from __future__ import annotations

from functools import partial

import chassis.service
from assessment.adapters.http import COMMANDS
from assessment.adapters.inbound import ERASES, HEARS, REACTIONS
from assessment.adapters.kinds import KINDS
from assessment.adapters.looks import LOOKS, backdating
from assessment.adapters.outbound import SILENT, SPOKEN
from assessment.adapters.words import WORDS
from chassis.declare import Declared

DECLARED = Declared(name="assessment", kinds=KINDS, spoken=SPOKEN, silent=SILENT, commands=COMMANDS, looks=LOOKS, backdating=backdating,
                    hears=HEARS,
                    reactions=REACTIONS, erases=ERASES, words=WORDS, codes=frozenset({"programme_id", "policy_id"}))
build = partial(chassis.service.build, DECLARED)

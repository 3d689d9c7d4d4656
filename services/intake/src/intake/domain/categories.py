"""Target categories (categorie di destinatari) and their class of protection (`domain.md` 1.0.1)."""
from __future__ import annotations

from typing import Literal, get_args

Hardship = Literal[
    "SOCIOECON_DISADV", "IN_CHARGE_SSP", "CARE_LEAVER_AUTONOMY_FLAT", "SINGLE_PARENT", "HOUSING_EMERGENCY", "AGREED_SOCIAL_RENT",
    "ADI_HOUSEHOLD", "EXCLUSION_RISK", "YOUTH_AT_RISK_FIRST_JOB", "WOMAN_IN_DIFFICULTY", "YOUNG_ADULT_IN_DIFFICULTY", "VULNERABLE",
    "POVERTY", "DISADV_GROUP", "ATS_SOCIAL_SERVICE_USER", "HIGH_COMPLEXITY", "WOMAN_BASIC_SOCIAL_TRAINING",
]
"""Class H: it tells of hardship; spoken, and never published."""
Minor = Literal["MINOR_16PLUS"]
"""Class M."""
Health = Literal[
    "IN_CHARGE_SOCIO_SANITARY", "ASYLUM_SEEKER", "INTL_PROTECTION", "BES_POST_DIPLOMA", "DISABILITY", "PSYCHIATRIC_CERT",
    "L68_TARGETED", "ADDICTION", "MIGRANT", "L381_ART4", "L381_ART4_PHYSICAL", "L381_ART4_MENTAL", "L381_ART4_SENSORY",
    "L381_ART4_EX_PSY_HOSPITAL", "L381_ART4_PSY_TREATMENT", "L381_ART4_DRUG", "L381_ART4_ALCOHOL", "L381_ART4_MINOR_FAMILY",
    "L381_ART4_DECREE", "UFM_16PLUS", "VIOLENCE_VICTIM", "SHELTER_RESIDENT", "TRAFFICKING_VICTIM",
]
"""Classes 9 and P: a special category, or a person whose whereabouts are protected. Sealed."""
Judicial = Literal[
    "EX_PRISONER", "EXT_PENAL_EXECUTION", "ALT_MEASURE", "JUDICIAL_ORDER", "L381_ART4_PRISONER", "L381_ART4_CONVICTED_ALT",
]
"""Class 10: judicial data. Sealed."""
Category = Literal[Hardship, Minor, Health, Judicial]

IN_CHARGE = frozenset({"IN_CHARGE_SSP", "IN_CHARGE_SOCIO_SANITARY", "ATS_SOCIAL_SERVICE_USER"})
"""Categories that say that a social service has the person in charge (presa in carico)."""

HEALTH = frozenset(get_args(Health))
JUDICIAL = frozenset(get_args(Judicial))


def covers(asked: str, held: str) -> bool:
    """Whether who belongs to `held` belongs to `asked`: L381_ART4 covers its sub-codes."""
    return held == asked or (asked == "L381_ART4" and held.startswith("L381_ART4_"))


def spoken_class(category: str) -> str:
    """H or M; SPECIAL for all that is sealed: to say that it is judicial would already tell."""
    if category in HEALTH or category in JUDICIAL:
        return "SPECIAL"
    return "M" if category in get_args(Minor) else "H"

"""Histories of whole cases: what Hypothesis makes happen to people of one programme, in any order; and what must hold after it."""

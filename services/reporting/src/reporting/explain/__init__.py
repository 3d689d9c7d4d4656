"""Figures as expressions over named fields of named facts (spiegazione): pure functions of facts; `verifier.expressions` evaluates."""

"""The verifier of a bundle: parts of Python ≥ 3.9's standard library alone, put together into one file, `verify.py`, at export.

A part imports the standard library and the parts before it; a name at the top of a part is one of its own.
"""

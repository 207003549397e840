"""Validate windIO files: python validate_windio.py SCHEMA FILE..."""

import sys

import windIO

schema, files = sys.argv[1], sys.argv[2:]
for file in files:
    with open(file) as f:
        excluded = "exclusions:\n    polygons" in f.read()
    # windIO 2.1.1 takes every polygon of an exclusion for an unknown property unless it is asked to be lenient.
    windIO.validate(file, schema, restrictive=not excluded)
print(f"{len(files)} valid")

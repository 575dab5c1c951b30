"""From the merged spec to the package: lowering, openapi-python-client's parser, our templates.

`lowering` turns the spec into one that the parser takes whole, with opaque names in place of every text of the
documentation; what the text was stands in `facts`. `parser` drives openapi-python-client, `project` joins its result
with the facts and renders the templates, `writer` formats, checks and puts the package in place.
"""

"""The HTML pages, one module per subject; a handler fills one frozen dataclass and shows the template of its name.

Every page has one address that works without JavaScript; htmx gets a block of it.
Start with :mod:`web.pages.documents`.
"""

"""The HTML pages, one module per subject; each handler fills one frozen dataclass and shows the template of the same name.

Every page has one address that works without JavaScript; htmx gets a block of it. Start with :mod:`web.pages.documents`.
"""

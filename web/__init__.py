"""Every way to talk to the knowledge base: HTML pages, the JSON API, the ``pmo`` command.

* :mod:`web.app` puts the application together; :mod:`web.site` is what its requests share.
* :mod:`web.pages` and :mod:`web.api` hold the handlers, one module per subject; :mod:`web.visit`: who asks for a page.
* :mod:`web.errors` alone knows status codes; :mod:`web.security` guards every request; :mod:`web.actors` says who asks.
* :mod:`web.language`, ``web/locales``: English and Chinese; :mod:`web.labels`: words for what is stored.
* ``web/static``: own style sheets and script modules, and the few vendored ones; there is no build step.
"""

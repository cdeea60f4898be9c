"""The JSON API below ``/api/v1``, one module per subject; scripts rely on it, so it changes only by adding.

Start with :mod:`web.api.search`.
"""

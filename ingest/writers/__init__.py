"""The writers: each makes a file of its format, from a file and what is to stand in it.

Start with :mod:`ingest.doctemplates`, the door to filling in; :mod:`ingest.writers.docx_filling` and
:mod:`ingest.writers.xlsx_filling` do it. Files are rewritten part by part: what is not touched stays as it was, byte
by byte.
"""

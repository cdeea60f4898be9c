"""Files in: what reads them, and what brings many of them into the knowledge base.

Where to start reading: :mod:`ingest.pipeline` takes one file from its place to its document;
:mod:`ingest.jobs` does so for all files of an import job, in the background or for a command;
:mod:`ingest.sources` lists what folders hold; :mod:`ingest.workers` keeps the reading of hostile
files apart, in processes of their own; :mod:`ingest.readers` are the readers, one for each format.
"""

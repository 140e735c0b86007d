"""The record of truth: releases with every version, passages, vectors and full text, in SQLite or PostgreSQL."""

from vectorstore.catalogue.database import Catalogue
from vectorstore.catalogue.releases import listed, marks

__all__ = ["Catalogue", "listed", "marks"]

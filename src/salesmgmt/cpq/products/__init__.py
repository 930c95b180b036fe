"""Products: what is sold."""

from salesmgmt.cpq.products.catalogue import Catalogue, Product, UnknownProduct

__all__ = ["Catalogue", "Product", "UnknownProduct"]

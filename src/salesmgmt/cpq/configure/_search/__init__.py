"""The exact search for valid products, over numbered variables; it knows nothing of products."""

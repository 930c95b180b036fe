"""From a product model to numbered variables and what they must satisfy."""

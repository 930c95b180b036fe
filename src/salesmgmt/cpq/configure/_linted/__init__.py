"""What is wrong with a product model, by subject."""

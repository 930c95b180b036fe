"""How values stand in JSON: strict text, and one form for each kind of type. `codec` is the public door."""

"""One small typed language for conditions and formulas: parse, check, evaluate, explain."""

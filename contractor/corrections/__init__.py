"""Corrections: appeals, reversals, repricing and re-adjudication. What was decided stays; what corrects it is added."""

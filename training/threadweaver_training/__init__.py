"""Rows of threadweaver for trainers in Python (docs/training.md)."""

"""What stops training, in words for the person who started it."""


class TrainingProblem(Exception):
    """Says what is wrong, where, and what to do. Nothing half-written is left behind."""

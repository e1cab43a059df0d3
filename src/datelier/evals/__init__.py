"""Evaluation: suites of questions with known answers, asked through the public API."""

"""Pipelines, deals and products."""

"""Widgets that know nothing about customers."""

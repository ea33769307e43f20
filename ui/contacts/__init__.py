"""Contacts and companies in the window."""

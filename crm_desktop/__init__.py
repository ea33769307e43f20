"""CRM Desktop: the CRM itself, without any window toolkit."""

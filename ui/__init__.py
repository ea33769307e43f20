"""The Qt layer: windows, pages and widgets over the CRM."""

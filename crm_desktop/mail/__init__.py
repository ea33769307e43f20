"""E-mails as files: .eml and Outlook's .msg, read into one shape."""

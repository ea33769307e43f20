"""What everything else is made of: fields, filters, events, errors, jobs, formats. Imports nothing of ours."""

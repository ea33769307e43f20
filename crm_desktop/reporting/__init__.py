"""Reports: documents made of blocks, and the writers that put them on paper and into spreadsheets."""

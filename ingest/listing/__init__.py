"""What a source's address holds: the entries of feeds, sitemaps and listing pages."""

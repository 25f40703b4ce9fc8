"""Build the site, once or after each change."""

"""Building the blog, once or at each save."""

"""What must hold before the site is published, and the wheel that it serves."""

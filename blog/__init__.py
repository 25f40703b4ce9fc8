"""What makes the site: run from the repository, never part of the wheel."""

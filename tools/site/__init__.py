"""What the site shows of the records and of running refmath, as Markdown: `python -m tools.site` writes it into docs/_generated/ before each build."""

"""The same values sooner: each module derives why it computes what a plain page defines, and is tested against that page and exact values."""

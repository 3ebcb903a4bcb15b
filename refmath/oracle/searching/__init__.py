"""What a candidate is tried on, which answers are accepted, and the smallest input on which it fails."""

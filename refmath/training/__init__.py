"""The chapter's training program: the data, the loop, what it records, and how the curves are read."""

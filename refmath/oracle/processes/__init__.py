"""Processes of others: started, interrupted, and ended with everybody whom they have started."""

"""Is this the gradient of that function? The judge of derivatives of functions that no page describes."""

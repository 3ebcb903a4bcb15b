"""Test vectors: inputs, correctly rounded values and acceptance intervals, as files for programs in any language."""

"""Helpers of the kind pdf: reading the document, drawing its pages, and what a locked one still says."""

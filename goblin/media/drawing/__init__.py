"""Helpers of the kind svg: what a drawing may say, how large it is, how it is rendered."""

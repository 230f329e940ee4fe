"""Helpers of the kind text: which letters bytes stand for, what terminals made of them, how they are drawn."""

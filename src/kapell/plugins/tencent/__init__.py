"""Tencent."""

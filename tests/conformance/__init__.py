"""Kestra's recorded behaviour as a suite: what fails is listed, and the list may only shrink."""

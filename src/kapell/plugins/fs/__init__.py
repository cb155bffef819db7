"""Files elsewhere: on servers, on the worker's machine."""

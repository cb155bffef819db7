"""The built-in types, one file each: a type's name is its path. They import `kapell.sdk` and one vendor's library."""

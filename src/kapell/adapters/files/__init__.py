"""Internal storage: where the bytes behind `kestra:///` addresses lie."""

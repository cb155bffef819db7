"""The JSON of Kestra's API (camelCase) and the model, one file for each resource."""

"""Values and ports that everything stands on, a module each; import a name from the module it lives in."""

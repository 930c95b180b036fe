"""Values and ports that everything stands on; each name is loaded when it is first used."""

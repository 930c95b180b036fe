"""The main job: one invented year from the first enquiry to the commission statement."""

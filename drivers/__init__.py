"""One instrument or port a module, each on its well-kept library, with sans-IO protocols beside them."""

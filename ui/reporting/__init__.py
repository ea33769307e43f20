"""Reports on screen: the gallery, parameters, numbers, paper."""

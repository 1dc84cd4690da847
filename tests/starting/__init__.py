"""Starting by a double-click, without what only training needs."""

"""The Django project: settings, urls, and the headers that every page carries."""
